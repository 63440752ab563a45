"""What a stream costs a gateway: a hundred that wait for a member far away, counted in the program's memory."""
import asyncio
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading

program = os.path.abspath(sys.argv[1])
folder = pathlib.Path(tempfile.mkdtemp(prefix="lyceum-streams-"))
N_FEW, N_MANY, MOST_KB = 20, 120, 100
n_test = 0


def promise(what, kept, *shown):
    global n_test
    n_test += 1
    print(f"{'ok' if kept else 'not ok'} {n_test} - {what}", flush=True)
    if not kept:
        print("\n".join("# " + line for line in repr(shown)[:3000].split("\\n")), flush=True)


def event(**delta):
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": None if delta else "stop"}]}).encode() + b"\n\n"


class Member:
    """Sends each stream a word every tenth of a second until told to end."""

    async def serve(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(re.search(rb"(?i)content-length: (\d+)", head)[1]))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        while not self.end.is_set():
            writer.write(event(content="word "))
            await asyncio.sleep(0.1)
        writer.write(event() + b"data: [DONE]\n\n")
        await writer.drain()
        writer.close()

    async def open(self):
        self.end = asyncio.Event()
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=256)
        return self.server.sockets[0].getsockname()[1]


async def ask(port, heard):
    """The whole answer of one stream; `heard` counts those that have begun."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
    body = json.dumps({"model": "lyceum", "stream": True, "messages": [{"role": "user", "content": "What is a token?"}]}).encode()
    writer.write(b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n"
                 b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    begun = await reader.readuntil(b"word")
    heard.append(1)
    rest = await reader.read()
    writer.close()
    return begun + rest


async def open_more(port, streams, heard, n):
    streams += [asyncio.create_task(ask(port, heard)) for _ in range(n - len(streams))]
    while len(heard) < n:
        await asyncio.sleep(0.05)
    await asyncio.sleep(2)


def resident_kb(pid):
    return int(re.search(r"VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text())[1])


async def main():
    member, streams, heard = Member(), [], []
    (folder / "company.yaml").write_text("members:\n  floor: {local: none.gguf}\n"
                                         f"  far: {{address: \"http://127.0.0.1:{await member.open()}/v1\", model: far}}\n"
                                         "roles:\n  front: [far, floor]\n")
    (folder / "course" / "lessons").mkdir(parents=True)
    (folder / "course" / "course.yaml").write_text("id: small\ntitle: Small\nlanguage: en\nlessons: [01-sums]\n")
    (folder / "course" / "lessons" / "01-sums.md").write_text("---\nid: 01-sums\ntitle: Sums\n---\n\nA sum is what two numbers make.\n")
    school = subprocess.Popen([program, "serve", str(folder / "course"), "--data", str(folder / "data"), "--port", "0",
                               "--company", str(folder / "company.yaml")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder,
                              env={name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")})
    port = int(re.search(rb":(\d+)/", school.stdout.readline())[1])
    threading.Thread(target=school.stdout.read, daemon=True).start()
    await open_more(port, streams, heard, N_FEW)
    few = resident_kb(school.pid)
    await open_more(port, streams, heard, N_MANY)
    each = (resident_kb(school.pid) - few) / (N_MANY - N_FEW)
    member.end.set()
    answers = await asyncio.gather(*streams)
    promise("every stream of many at once comes whole", all(b"data: [DONE]" in answer for answer in answers), len(answers))
    promise(f"a stream takes under {MOST_KB} KB", each < MOST_KB, each)
    print(f"# {each:.0f} KB a stream")
    school.send_signal(signal.SIGTERM)
    promise("the school closes in good order", school.wait(30) == 0)
    print(f"1..{n_test}")


asyncio.run(asyncio.wait_for(main(), 100))
