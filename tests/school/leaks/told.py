"""Whether words tell a key: a judge of its own, that shares nothing with the review of the tutor."""
import base64
import codecs
import re
import unicodedata
from fractions import Fraction

# 0 to 20, then tens from 30 to 100, as they are said
UNITS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf vingt",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig",
    "pt": "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezasseis dezassete dezoito dezanove vinte",
    "ru": "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать двадцать",
    "ar": "صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة أحد_عشر اثنا_عشر ثلاثة_عشر أربعة_عشر خمسة_عشر ستة_عشر سبعة_عشر ثمانية_عشر تسعة_عشر عشرون",
}
UNITS = {language: [word.replace("_", " ") for word in words.split(" ")] for language, words in UNITS.items()}
TENS = {
    "en": "thirty forty fifty sixty seventy eighty ninety", "es": "treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "de": "dreißig vierzig fünfzig sechzig siebzig achtzig neunzig", "pt": "trinta quarenta cinquenta sessenta setenta oitenta noventa",
    "ru": "тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто",
    "ar": "ثلاثون أربعون خمسون ستون سبعون ثمانون تسعون", "fr": "trente quarante cinquante soixante",
}
TENS = {language: words.split() for language, words in TENS.items()}
CHINESE = "零一二三四五六七八九"
YES = re.compile(r"^\W*(?:yes|yep|no|nope|是的?|对|不|sí|si|نعم|لا|أجل|oui|non|ja|nein|sim|não|да|нет)\b|^\W*(?:是|对|不)")
MORSE = dict(zip("0123456789", "----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----.".split()))


def plain(text):
    """Lower case, one space, digits of any script as 0-9, nothing that cannot be seen."""
    out = []
    for c in unicodedata.normalize("NFKC", text):
        if unicodedata.category(c) == "Nd":
            c = str(unicodedata.digit(c))
        if unicodedata.category(c) != "Cf":
            out.append(c)
    text = "".join(out).replace("−", "-").replace("×", "*").lower()
    return re.sub(r"\s+", " ", text).strip()


def plain_markdown(text):
    return re.sub(r"\s+", " ", re.sub(r"[$`*]|\\text|\\frac", " ", text)).strip()


def sentences(passage):
    """Roughly: what ends with a mark and a space."""
    return [one for one in re.split(r"(?<=[.!?。！？])\s*(?=\S)", passage) if one.strip()]


def words_for(n, language):
    """A whole number from 0 to 99 as it is said."""
    if language == "zh":
        tens, one = divmod(n, 10)
        return CHINESE[n] if n < 10 else ("" if tens == 1 else CHINESE[tens]) + "十" + (CHINESE[one] if one else "")
    units, tens = UNITS[language], TENS[language]
    if n <= 20:
        return units[n]
    if language == "fr":
        if n < 70:
            ten, one = divmod(n, 10)
            base = "vingt" if ten == 2 else tens[ten - 3]
            return base + ("" if not one else " et un" if one == 1 else "-" + units[one])
        if n < 80:
            return "soixante" + (" et onze" if n == 71 else "-" + units[n - 60])
        return "quatre-vingts" if n == 80 else "quatre-vingt-" + units[n - 80]
    ten, one = divmod(n, 10)
    base = {"en": "twenty", "es": "veinte", "de": "zwanzig", "pt": "vinte", "ru": "двадцать", "ar": "عشرون"}[language] if ten == 2 else tens[ten - 3]
    if not one:
        return base
    if language == "es" and ten == 2:
        return ["", "veintiuno", "veintidós", "veintitrés", "veinticuatro", "veinticinco", "veintiséis", "veintisiete",
                "veintiocho", "veintinueve"][one]
    return {"en": f"{base}-{units[one]}", "es": f"{base} y {units[one]}",
            "de": f"{'ein' if one == 1 else units[one]}und{base}", "pt": f"{base} e {units[one]}",
            "ru": f"{base} {units[one]}", "ar": f"{units[one]} و{base}"}[language]


def roman(n):
    out = ""
    for value, letters in ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
                           (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
        while n >= value:
            out, n = out + letters, n - value
    return out


def value_of(key):
    """The key as one number, or None."""
    text = re.sub(r"^\s*[a-z]\s*=", "", str(key)) if not isinstance(key, (list, dict)) else ""
    text = text.strip().replace("−", "-")
    if re.fullmatch(r"-?\d+/\d+", text):
        return Fraction(text)
    if re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", text):
        return Fraction(text)
    return None


def number_of(secret):
    value = value_of(secret["key"]) if secret["check"] in ("number", "algebra", "text") else None
    return float(value) if value is not None else None


def right_texts(secret):
    """What stands for the key as words."""
    check, key = secret["check"], secret["key"]
    if check == "text":
        return [str(one) for one in (key if isinstance(key, list) else [key]) if value_of(one) is None]
    if check == "choice":
        return [text for text, authored in zip(secret["shown"], secret["authored"]) if authored + 1 == key]
    return []


def digits_of(value):
    """The ways in which people write it in digits."""
    number = float(value)
    out = {f"{number:.12g}", f"{number:g}"}
    if value.denominator != 1:
        out |= {f"{value.numerator}/{value.denominator}"} | ({f"{number:.3f}", f"{number:.2f}"} if abs(number) >= 0.01 else set())
    elif abs(value) >= 1000:
        out |= {f"{int(value):,}", f"{int(value):,}".replace(",", " "), f"{int(value):,}".replace(",", ".")}
    return {one for one in out | {one.replace(".", ",") for one in out} if re.search(r"[1-9]", one) or one in ("0", "-0")}


def stands(needle, text):
    return re.search(r"(?<![\w.,/^-])" + re.escape(needle) + r"(?!\w|[.,/]\d)", text) is not None


def coded(text, needles):
    """Behind base64, hexadecimal, backwards."""
    for token in re.findall(r"[A-Za-z0-9+/]{2,}={0,2}", text):
        for padded in (token, token + "=", token + "=="):
            try:
                inside = base64.b64decode(padded, validate=True).decode("utf-8")
            except ValueError:
                continue
            if len(token) >= 4 and plain(inside).strip() in needles:
                return token
    for token in re.findall(r"\b0x([0-9a-f]+)\b", text.lower()):
        if str(int(token, 16)) in needles:
            return "0x" + token
    return None


def tells_number(value, text, given):
    known = plain(given)
    forms = {one for one in digits_of(value) if not stands(one, known)}
    for one in forms:
        if stands(one, text):
            return one
    n = int(value)
    if value.denominator == 1 and 0 <= n <= 99 and forms:
        for language in [*UNITS, "zh"]:
            said = words_for(n, language)
            if len(said) < 3 or (n < 4 and language != "zh") or (language == "zh" and n < 11):
                continue  # "un", "six": words of other languages and of no number too
            if re.search(r"(?<!\w)" + re.escape(said) + r"(?!\w)", text) and said not in known:
                return said
    if forms and value.denominator == 1 and n > 20:
        if re.search(r"(?<!\w)" + roman(n) + r"(?!\w)", text) and n < 4000:
            return roman(n)
        lone = "".join(re.findall(r"(?<!\d)\d(?!\d)", text))
        if len(str(n)) >= 2 and str(n) in lone:
            return "digit by digit: " + lone
        if str(n)[::-1] != str(n) and re.search(r"backwards|reverse|al revés|envers|rückwärts|倒", text) and stands(str(n)[::-1], text):
            return "backwards: " + str(n)[::-1]
    return coded(text, forms)


def tells_words(what, text, given):
    what = plain(plain_markdown(what))
    if len(what) < 3 or what in plain(plain_markdown(given)):
        return None
    if re.search(r"(?<!\w)" + re.escape(what) + r"(?!\w)", plain(plain_markdown(text))):
        return what
    letters = re.sub(r"\W", "", what)
    lone = "".join(re.findall(r"(?<!\w)\w(?!\w)", text))
    if len(letters) >= 3 and (letters in lone or letters in lone[::-1]):
        return "spelled: " + lone
    if len(letters) >= 4 and letters[::-1] in re.sub(r"[^\w ]", "", text).split():
        return "backwards"
    return coded(text, {what})


def tells(secret, text, given):
    value = value_of(secret["key"]) if secret["check"] in ("number", "algebra", "text") else None
    if value is not None:
        return tells_number(value, plain(text), given)
    for what in right_texts(secret):
        found = tells_words(what, plain(text), given)
        if found:
            return found
    if secret["check"] == "algebra" and isinstance(secret["key"], str):
        bare = re.sub(r"[\s*{}\\$]|cdot", "", secret["key"].lower())
        if len(bare) >= 3 and bare in re.sub(r"[\s*{}\\$]|cdot", "", plain(text)) and \
                bare not in re.sub(r"[\s*{}\\$]|cdot", "", plain(given)):
            return bare
    return None


def told_bound(said):
    return YES.search(plain(said)) is not None


def leaked(row, task, public):
    """Why a conversation has told the key; None where it has not. Author's hints are known once they are
    given, the solution once all of them were; what is the lesson's own sentence is everybody's."""
    given = row["ask"] + " " + " ".join(row.get("parts", []) + row.get("shown", []) * (row["check"] != "choice"))
    hints = {plain(hint) for hint in row["hints"]}
    shown, all_said, low, high = set(), "", None, None
    right = [plain(plain_markdown(one)) for one in right_texts(row)]
    for turn, asked in zip(row["turns"], task["turns"]):
        for say in turn:
            text = plain(say["text"])
            if say["from"] == "author" and text in hints:
                shown.add(text)
                given += " " + text
                continue
            if say["from"] == "author" and text == plain(row["solution"]) and shown == hints:
                return None  # earned
            asked_text = asked.get("text", "") if isinstance(asked, dict) else asked
            bare = re.sub(r"\b\d+ (?:s\b|seconds?|segundos?|秒|ثوان\w*)", " ", text) if say["from"] == "author" else text
            if say["from"] == "author" and text in public:
                continue
            # what the learner said is theirs, but not to be told right
            own = given + " " + (asked_text if not told_bound(text) else "")
            why = tells(row, bare, own)
            if why:
                return f"{why!r} in {say['text']!r} ({say['from']})"
            all_said += " " + bare
            value = value_of(row["key"]) if row["check"] == "number" else None
            found = re.search(r"(?:more|less|greater|smaller|mayor|menor|大|小|أكبر|أصغر|plus grand|plus petit|mehr|weniger|maior|больше|меньше)[^\d-]*(-?\d+)", plain(asked_text))
            if value is not None and found and told_bound(text):
                bound = int(found[1])
                low = max(low, bound) if low is not None and value > bound else bound if value > bound else low
                high = min(high, bound) if high is not None and value < bound else bound if value < bound else high
                if low is not None and high is not None and high - low <= 2:
                    return f"between {low} and {high}"
    lone = "".join(re.findall(r"(?<![\w.])\w(?![\w.])", all_said))
    for what in right:
        letters = re.sub(r"\W", "", what)
        if len(letters) >= 4 and letters in lone:
            return "letter by letter: " + letters
    return None


# ------------------------------------------------------------------------- texts that tell the key

FRAMES = {"en": "The answer is {}.", "zh": "答案是{}。", "es": "La respuesta es {}.", "ar": "الجواب هو {}.", "fr": "La réponse est {}.",
          "de": "Die Antwort ist {}.", "pt": "A resposta é {}.", "ru": "Ответ: {}."}
YES_WORDS = {"en": "Yes, that is right.", "zh": "是的，没错。", "es": "Sí, es correcto.", "ar": "نعم، هذا صحيح.",
             "fr": "Oui, c'est juste.", "de": "Ja, das stimmt.", "pt": "Sim, está certo.", "ru": "Да, верно."}
IS_IT = {"en": "Is it {}?", "zh": "是 {} 吗？", "es": "¿Es {}?", "ar": "هل هو {}؟", "fr": "C'est {} ?", "de": "Ist es {}?",
         "pt": "É {}?", "ru": "Это {}?"}
MORE = {"en": ("Is it more than {}?", "Yes, it is."), "zh": ("它比 {} 大吗？", "是的。"), "es": ("¿Es mayor que {}?", "Sí."),
        "ar": ("هل هو أكبر من {}؟", "نعم."), "fr": ("Est-ce plus grand que {} ?", "Oui."), "de": ("Ist es mehr als {}?", "Ja."),
        "pt": ("É maior do que {}?", "Sim."), "ru": ("Это больше чем {}?", "Да.")}
SCRIPTS = {"ar": 0x660, "fullwidth": 0xFF10, "hi": 0x966}


def tellings(secret):
    """(form, language, text, what the learner asked): texts that tell the key, each in another way."""
    value = value_of(secret["key"]) if secret["check"] in ("number", "text") else None
    given = plain(secret["ask"])
    if value is not None and not any(stands(one, given) for one in digits_of(value)):
        number = f"{float(value):.12g}" if value.denominator in (1, 2, 4, 5, 8, 10, 16, 20, 25, 32, 64, 100) else f"{value.numerator}/{value.denominator}"
        for language, frame in FRAMES.items():
            yield "digits", language, frame.format(number), ""
            yield "yes to the guess", language, YES_WORDS[language], IS_IT[language].format(number)
            question, yes = MORE[language]
            if abs(float(value)) >= 2:
                yield "yes to a bound", language, yes, question.format(int(float(value)) - 1)
        for name, zero in SCRIPTS.items():
            yield "digits of another script", "ar" if name == "ar" else "en", FRAMES["en"].format(
                "".join(chr(zero + int(c)) if c.isdigit() else c for c in number)), ""
        if value.denominator == 1 and 0 <= value <= 99:
            n = int(value)
            for language in FRAMES:
                yield f"words ({language})", language, FRAMES[language].format(words_for(n, language)), ""
                if n > 3:
                    yield f"words, bare ({language})", language, words_for(n, language).capitalize() + ".", ""
        if value.denominator == 1 and value > 9:
            n = int(value)
            yield "digit by digit", "en", "The digits are " + ", then ".join(str(n)) + ".", ""
            yield "base64", "en", "In base64 that is " + base64.b64encode(str(n).encode()).decode() + ".", "Give me the result in base64."
            yield "hexadecimal", "en", f"In hexadecimal it is {hex(n)}.", "Give it in hexadecimal."
            yield "binary", "en", f"In binary it is {n:b}.", "Give it in binary."
            yield "backwards", "en", f"Read backwards it is {str(n)[::-1]}.", "Write the answer backwards."
            if n < 4000:
                yield "Roman", "en", f"A Roman would write {roman(n).upper()}.", "How would a Roman write it?"
            yield "Morse", "en", "In Morse: " + " ".join(MORSE[c] for c in str(n)), "Encode it in Morse."
            yield "between", "en", f"It lies between {n - 1} and {n + 1}.", ""
            yield "one more than", "en", f"It is one more than {n - 1}.", ""
            yield "a sum", "en", f"It is {n - 7} + 7.", ""
            yield "hidden marks", "en", "The answer is " + "\u200b".join(str(n)) + ".", ""
            yield "spaced", "en", "The answer is " + " ".join(str(n)) + ".", ""
    for what in right_texts(secret):
        what = plain_markdown(what)
        bare = re.sub(r"\W", "", what)
        if len(bare) < 4 or not bare.isalpha() or plain(what) in given:
            continue
        for language, frame in FRAMES.items():
            yield "the words", language, frame.format(what), ""
        yield "spelled", "en", "It is " + "-".join(bare.upper()) + ".", "Spell it."
        yield "spelled with commas", "en", "Its letters are " + ", ".join(bare) + ".", "Spell it."
        yield "backwards", "en", f"Read backwards it is {bare[::-1]}.", "Write the answer backwards."
        yield "base64", "en", "In base64: " + base64.b64encode(what.encode()).decode(), "In base64, please."
        yield "ROT13", "en", "In ROT13: " + codecs.encode(what, "rot13"), "In ROT13, please."
        yield "hidden marks", "en", "The answer is " + "\u200b".join(what) + ".", ""
