# python3 panel.py 8080 behind a TLS proxy: one page, for the scope billing and a second step of the last ten minutes
import base64, hashlib, http.cookies, http.server, json, os, secrets, sys, time, urllib.parse, urllib.request
ISSUER, ID, SECRET, PANEL = (os.environ[name] for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "PANEL"))
sessions = {}  # by cookie; here they end with the process

def ask(path, **form):
    basic = base64.b64encode(":".join(urllib.parse.quote_plus(part) for part in (ID, SECRET)).encode()).decode()
    request = urllib.request.Request(ISSUER + path, urllib.parse.urlencode(form).encode(), {"Authorization": "Basic " + basic})
    try:
        return json.load(urllib.request.urlopen(request, timeout=5))
    except (OSError, ValueError):
        return {}  # says no

def opens(token):  # asked at every request, so what has ended opens nothing
    told = ask("/introspect", token=token) if token else {}
    return (told.get("active") is True and "billing" in told.get("scope", "").split() and told.get("acr") in ("mfa", "phr")  # mfa, and what stands above it
            and told.get("auth_time", 0) >= time.time() - 600)

class Panel(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        url, cookie = urllib.parse.urlsplit(self.path), http.cookies.SimpleCookie(self.headers.get("Cookie", "")).get("__Host-panel")
        query, session = dict(urllib.parse.parse_qsl(url.query)), sessions.get(cookie.value if cookie else "", {})
        if url.path == "/callback":
            state, verifier = session.pop("asked", ("", ""))
            if not state or query.get("state") != state or query.get("iss") != ISSUER:
                return self.answer(400, "Nobody asked for this.")
            got = ask("/token", grant_type="authorization_code", code=query.get("code", ""), redirect_uri=PANEL + "/callback", code_verifier=verifier)
            if not opens(got.get("access_token")):
                return self.answer(403, "Not opened.")  # declined, or less than was asked: no second round
            return self.answer(302, "", PANEL + "/", {"token": got["access_token"]})
        if url.path != "/":
            return self.answer(404, "Not here.")
        if opens(session.get("token")):
            return self.answer(200, "The bills.")
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self.answer(302, "", ISSUER + "/authorize?" + urllib.parse.urlencode({
            "response_type": "code", "client_id": ID, "redirect_uri": PANEL + "/callback", "scope": "openid billing", "acr_values": "mfa", "max_age": 600, "state": state,
            "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode(), "code_challenge_method": "S256",
        }), session | {"asked": (state, verifier)})

    def answer(self, status, text, to=None, session=None):
        self.send_response(status)
        if to:
            sessions[name := secrets.token_urlsafe(32)] = session  # under a new name
            self.send_header("Set-Cookie", f"__Host-panel={name}; Path=/; Secure; HttpOnly; SameSite=Lax")
            self.send_header("Location", to)
        self.end_headers()
        self.wfile.write(text.encode())

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Panel).serve_forever()
