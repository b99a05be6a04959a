"""A company's directory, for the tests: prints its port, keeps teams in memory. POST /fail makes the next PUT fail."""
import http.server
import json

teams, failing = {}, []


class Directory(http.server.BaseHTTPRequestHandler):
    def answer(self, status, document=None):
        body = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, [{"name": name, **team} for name, team in sorted(teams.items())])

    def do_POST(self):
        failing.append(True)
        self.answer(204)

    def do_PUT(self):
        document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if failing:
            failing.pop()
            return self.answer(503)
        teams.setdefault(self.path.rsplit("/", 1)[1], {}).update(document)
        self.answer(200, {})

    def do_DELETE(self):
        found = teams.pop(self.path.rsplit("/", 1)[1], None)
        self.answer(204 if found is not None else 404)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Directory)
print(server.server_port, flush=True)
server.serve_forever()
