/* JSON through jansson, with faults; hashes through libsodium. */
#include "base/base.h"

#include <sodium.h>
#include <string.h>

json_t *json_parse(struct view v, struct fault *fault) {
    json_error_t error;
    json_t *value =
        json_loadb(v.at ? v.at : "", v.n, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
    if (!value) {
        bool zero = json_error_code(&error) == json_error_null_character ||
                    json_error_code(&error) == json_error_null_byte_in_key;
        if (json_error_code(&error) == json_error_out_of_memory)
            return fault_set(fault, FAULT_MACHINE, "There is no memory for this JSON"), NULL;
        fault_set(fault, FAULT_INPUT, "%s%s",
                  zero ? "a text holds the character \\u0000" : "this is not JSON: ",
                  zero ? "" : error.text);
        fault_place(fault, NULL, error.line, error.position);
    }
    return value;
}

const char *json_text(const json_t *object, const char *key, const char *otherwise) {
    const json_t *value = json_object_get(object, key);
    return json_is_string(value) ? json_string_value(value) : otherwise;
}

void json_sentence(const char *sentence, const json_t *names, struct buffer *out) {
    const char *at;
    for (size_t i = 0; (at = strstr(sentence, "%s")) != NULL; i++, sentence = at + 2) {
        const char *name = json_string_value(json_array_get(names, i));
        buffer_append(out, (struct view){sentence, (size_t)(at - sentence)});
        buffer_text(out, name ? name : "");
    }
    buffer_text(out, sentence);
}

double json_number(const json_t *object, const char *key, double otherwise) {
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : otherwise;
}

bool json_flag(const json_t *object, const char *key, bool otherwise) {
    const json_t *value = json_object_get(object, key);
    return json_is_boolean(value) ? json_is_true(value) : otherwise;
}

const char *json_unknown_key(const json_t *object, const char *const *known) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        const char *const *at = known;
        while (*at && strcmp(*at, key))
            at++;
        if (!*at)
            return key;
    }
    return NULL;
}

void sha256_hex(struct view v, char out[65]) {
    uint8_t digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, (const uint8_t *)v.at, v.n);
    sodium_bin2hex(out, 65, digest, sizeof digest);
}

uint64_t hash64(struct view v, uint64_t seed) {
    /* wyhash-like: multiply and fold eight bytes at a time. */
    uint64_t hash = seed ^ 0x9E3779B97F4A7C15u ^ v.n;
    for (size_t i = 0; i < v.n; i += 8) {
        uint64_t word = 0; /* little-endian, as all machines that we know */
        memcpy(&word, v.at + i, v.n - i < 8 ? v.n - i : 8);
        unsigned __int128 product = (unsigned __int128)(hash ^ word) * 0xD6E8FEB86659FD93u;
        hash = (uint64_t)product ^ (uint64_t)(product >> 64) ^ 0xA0761D6478BD642Fu;
    }
    hash ^= hash >> 32;
    hash *= 0xD6E8FEB86659FD93u;
    return hash ^ hash >> 32;
}

void random_bytes(void *out, size_t n) {
    MUST(sodium_init() >= 0);
    randombytes_buf(out, n);
}
