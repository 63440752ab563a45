"""A server of chat/completions that fails in every way that servers do. The model's name says how."""
import base64
import http.server
import json
import ssl
import struct
import subprocess
import threading
import time

SENTENCE = "The quick brown fox jumps over the lazy dog and runs away."


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked, lock, inside, most_inside = [], threading.Lock(), {}, {}  # by the model's name

    def log_message(self, *words):
        pass

    def plain(self, code, value, **headers):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(code)
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def begin(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def event(self, value, end="\n\n"):
        text = value if isinstance(value, str) else json.dumps(value)
        self.wfile.write(f"data: {text}{end}".encode())
        self.wfile.flush()

    def piece(self, text, finish=None, **more):
        self.event({"id": "x", "object": "chat.completion.chunk", "choices": [
            {"index": 0, "delta": {"content": text} if text is not None else {}, "finish_reason": finish, **more}]})

    def finish(self, body, n=10, reason="stop"):
        self.piece(None, reason)
        if (body.get("stream_options") or {}).get("include_usage"):
            self.event({"choices": [], "usage": {"prompt_tokens": 20, "completion_tokens": n, "total_tokens": 20 + n,
                                                 "completion_tokens_details": {"reasoning_tokens": n // 2}}})
        self.event("[DONE]")

    def words(self, text, pause=0.0):
        for i, word in enumerate(text.split(" ")):
            self.piece((" " if i else "") + word)
            time.sleep(pause)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.lock:
            inside = self.inside.setdefault(body["model"], 0) + 1
            self.inside[body["model"]] = inside
            self.most_inside[body["model"]] = max(inside, self.most_inside.get(body["model"], 0))
            self.asked.append((body["model"], body, self.headers.get("Authorization"), time.monotonic()))
        try:
            if self.path.endswith("/embeddings"):
                self.embed(body)
            else:
                self.answer(body)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.close_connection = True
        finally:
            with self.lock:
                self.inside[body["model"]] -= 1

    def answer(self, body):
        kind, _, argument = body["model"].partition(":")
        tries = sum(model == body["model"] for model, *_ in self.asked)
        if kind == "good":
            self.begin()
            self.words(argument or SENTENCE)
            self.finish(body)
        elif kind == "slowly":  # takes a while for each
            time.sleep(float(argument))
            self.begin()
            self.words(SENTENCE)
            self.finish(body)
        elif kind == "whole":  # does not stream
            self.plain(200, {"choices": [{"index": 0, "message": {"role": "assistant", "content": SENTENCE},
                                          "finish_reason": "stop"}], "usage": {"prompt_tokens": 20, "completion_tokens": 10}})
        elif kind == "hang":  # before the first token
            self.begin()
            time.sleep(30)
        elif kind == "deaf":  # not even a status
            time.sleep(30)
        elif kind == "stall":  # after some of them
            self.begin()
            self.words("The quick brown")
            self.piece(" fo")
            time.sleep(30)
        elif kind == "close":
            self.begin()
            self.words("The quick brown")
            self.piece(" fo")
        elif kind == "middle":  # an error in the stream
            self.begin()
            self.words("The quick brown fox")
            self.event({"error": {"message": "the engine died, key " + (self.headers.get("Authorization") or "")}})
        elif kind == "garbage":
            self.begin()
            self.piece("The quick")
            self.wfile.write(b"\xff\xfe\x00 no stream at all \r\n\r\n" * 50 + b"data: {nonsense\n\n")
        elif kind == "noise":  # not HTTP's content at all
            self.plain(200, bytes(range(256)) * 8)
        elif kind == "wrong":
            self.plain(200, {"hello": ["there"]})
        elif kind == "wrong-chunk":
            self.begin()
            self.event({"choices": [{"index": 0, "delta": {"content": {"not": "text"}}}]})
        elif kind == "later":
            self.plain(429, {"error": {"message": "slow down"}}, Retry_After=argument or "30")
        elif kind == "fail":
            self.plain(500, {"error": {"message": "oh no"}})
        elif kind == "fail-once":
            if tries == 1:
                return self.plain(503, {"error": {"message": "starting"}})
            self.begin()
            self.words(SENTENCE)
            self.finish(body)
        elif kind == "key":
            self.plain(401, {"error": {"message": "Incorrect API key provided: " + (self.headers.get("Authorization") or "")}})
        elif kind == "refuse-request":
            self.plain(400, {"error": {"message": "no such model; you sent " + (self.headers.get("Authorization") or "")}})
        elif kind == "elsewhere":
            self.send_response(307)
            self.send_header("Location", argument)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif kind == "drip":  # one byte a second
            self.begin()
            for byte in b'data: {"choices":[{"index":0,"delta":{"content":"slow"}}]}\n\n' * 100:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(1)
        elif kind == "endless":
            self.begin()
            while True:
                self.piece(" word")
        elif kind == "pings":  # alive, and says nothing
            self.begin()
            while True:
                self.wfile.write(b": ping\n\n")
                self.wfile.flush()
                time.sleep(0.05)
        elif kind == "newer" and "max_tokens" in body:
            self.plain(400, {"error": {"message": "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
                                       "code": "unsupported_parameter"}})
        elif kind == "no-usage" and "stream_options" in body:
            self.plain(400, {"error": {"message": "Unrecognized request argument supplied: stream_options"}})
        elif kind == "thinks" and "temperature" in body:
            self.plain(400, {"error": {"message": "Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) "
                                       "value is supported.", "param": "temperature", "code": "unsupported_value"}})
        elif kind in ("newer", "no-usage", "thinks"):
            self.begin()
            self.words(SENTENCE)
            self.finish(body)
        elif kind in ("rest", "again", "tail", "bare"):  # ways to go on behind "The quick brown"
            self.begin()
            self.words({"rest": " fox jumps over the lazy dog.", "bare": "fox jumps over the lazy dog.",
                        "again": "The quick brown fox jumps over the lazy dog.",
                        "tail": "quick brown fox jumps over the lazy dog."}[kind])
            self.finish(body)
        elif kind == "able":
            self.able(body)
        else:
            self.plain(404, {"error": {"message": "no such model"}})

    def embed(self, body):
        """Vectors of three numbers, or as many as are wanted: a text's length, its words, one, one…"""
        kind, _, argument = body["model"].partition(":")
        size = body.get("dimensions", 3)
        vectors = [[len(text), len(text.split()), *[1] * (size - 2)] for text in body["input"]]
        good = {"object": "list", "model": "m", "usage": {"prompt_tokens": 7 * len(vectors), "total_tokens": 7 * len(vectors)},
                "data": [{"object": "embedding", "index": i, "embedding": one} for i, one in enumerate(vectors)]}
        if kind == "embeds":
            self.plain(200, good)
        elif kind == "packs":  # as base64, and in another order
            for one in good["data"]:
                one["embedding"] = base64.b64encode(struct.pack(f"<{size}f", *one["embedding"])).decode()
            good["data"].reverse()
            self.plain(200, good)
        elif kind == "embeds-slowly":
            time.sleep(float(argument))
            self.plain(200, good)
        elif kind == "few":  # fewer than were asked for
            self.plain(200, {**good, "data": good["data"][1:]})
        elif kind == "twice":
            self.plain(200, {**good, "data": [good["data"][0]] * len(vectors)})
        elif kind == "mixed":  # of several sizes
            good["data"][-1]["embedding"].append(1)
            self.plain(200, good)
        elif kind == "texts":
            good["data"][0]["embedding"] = ["one"] * size
            self.plain(200, good)
        elif kind == "torn":
            good["data"][0]["embedding"] = "AAA*"
            self.plain(200, good)
        elif kind == "zero":
            good["data"][0]["embedding"] = [0] * size
            self.plain(200, good)
        elif kind == "uncut":  # whatever size is wanted
            good["data"] = [{"index": i, "embedding": [1, 2, 3]} for i in range(len(vectors))]
            self.plain(200, good)
        elif kind == "second-fails" and len(body["input"]) < 64:
            self.plain(500, {"error": {"message": "oh no"}})
        elif kind == "second-fails":
            self.plain(200, good)
        else:
            self.answer(body)

    def able(self, body):
        last = body["messages"][-1]
        self.begin()
        if body.get("tools"):
            self.event({"choices": [{"index": 0, "delta": {"tool_calls": [
                {"index": 0, "id": "a", "type": "function", "function": {"name": "look_up", "arguments": ""}}]}}]})
            self.event({"choices": [{"index": 0, "delta": {"tool_calls": [
                {"index": 0, "function": {"arguments": '{"word":"lyceum"}'}}]}}]})
            return self.finish(body, reason="tool_calls")
        if body.get("response_format"):
            self.piece('{"even":true}')
        elif last["role"] == "assistant":
            self.piece(" four, five")
        elif body.get("logprobs"):
            part = {"token": "\\xe2\\x82", "bytes": [226, 130], "logprob": -0.2}
            self.piece("one", logprobs={"content": [{"token": "one", "logprob": -0.1, "top_logprobs": []}, {**part, "top_logprobs": [part]}]})
        else:
            self.words("one, two, three, four", 0.01)
        self.finish(body, 4)


class Threads(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, address):
        pass


def start(folder=None):
    """The address of a server; with a folder one of TLS, whose own certificate is there as cert.pem."""
    server = Threads(("127.0.0.1", 0), Server)
    if folder:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{folder}/key.pem", "-out",
                        f"{folder}/cert.pem", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
                       check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"{'https' if folder else 'http'}://127.0.0.1:{server.server_port}/v1"
