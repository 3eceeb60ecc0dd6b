# A panel on Flask and Authlib. Every page is JSON: what the library made of the answer.
import json
import os

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from authlib.oauth2.rfc9068 import JWTBearerTokenValidator
from flask import Flask, redirect, request
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.http import parse_dict_header
from werkzeug.serving import make_server

settings = json.loads(os.environ["SETTINGS"])
home, issuer = settings["home"], settings["issuer"]
app = Flask(__name__)
app.secret_key = settings["secret"]
oauth = OAuth(app, update_token=lambda *args, **kwargs: refreshed(*args, **kwargs))
oauth.register(
    "soglia", client_id="panel", client_secret=settings["secret"], server_metadata_url=issuer + "/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
)
sso = oauth.soglia
token, over = {}, set()


def keys():
    return KeySet.import_key_set(sso.fetch_jwk_set())


class Validator(JWTBearerTokenValidator):
    def get_jwks(self):
        return keys()


@app.errorhandler(Exception)
def failed(e):
    return {"failed": getattr(e, "error", None) or repr(e)}


@app.get("/login")
def login():
    return sso.authorize_redirect(home + "/cb", **request.args)


@app.get("/cb")
def callback():
    global token
    token = sso.authorize_access_token()
    return {"claims": token["userinfo"], "userinfo": sso.userinfo(token=token), "scope": token["scope"]}


# Authlib refreshes by itself when a token has run out.
@app.get("/refresh")
def refresh():
    sso.userinfo(token={**token, "expires_at": 1})
    return {"claims": token["userinfo"], "scope": token["scope"]}


def refreshed(name, new, refresh_token=None, access_token=None):
    global token
    token = {**token, **new, "userinfo": jwt.decode(new["id_token"], keys()).claims}


# Who is too weak for the interface goes where its challenge says (RFC 9470 §4).
@app.get("/area")
def area():
    answer = requests.get(home + "/resource", headers={"Authorization": "Bearer " + token["access_token"]})
    asked = parse_dict_header(answer.headers.get("WWW-Authenticate", "").removeprefix("Bearer "))
    if answer.status_code == 401 and asked.get("error") == "insufficient_user_authentication":
        return sso.authorize_redirect(home + "/cb", acr_values=asked["acr_values"])
    return answer.json()


@app.get("/resource")
def resource():
    validator = Validator(issuer=issuer, resource_server=issuer)
    claims = validator.authenticate_token(request.headers["Authorization"].removeprefix("Bearer "))
    validator.validate_token(claims, [], request)
    if claims["acr"] == "mfa":
        return {"claims": dict(claims)}
    challenge = 'Bearer error="insufficient_user_authentication", error_description="A second step is needed.", acr_values="mfa"'
    return {}, 401, {"WWW-Authenticate": challenge}


# Authlib has no verifier for logout tokens; joserfc, of the same author, does what is not a comparison of members
# (OIDC Back-Channel Logout 1.0 §2.6).
@app.post("/backchannel")
def backchannel():
    told = jwt.decode(request.form["logout_token"], keys())
    jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer}, aud={"essential": True, "value": "panel"}, iat={"essential": True}, exp={"essential": True},
        jti={"essential": True}, sid={"essential": True}, sub={"essential": True},
    ).validate(told.claims)
    if told.header["typ"] != "logout+jwt" or told.claims["events"] != {"http://schemas.openid.net/event/backchannel-logout": {}} or "nonce" in told.claims:
        return {}, 400
    over.add(told.claims["sid"])
    return {}


@app.get("/session")
def session():
    return {"claims": token["userinfo"], "over": token["userinfo"]["sid"] in over}


@app.get("/logout")
def logout():
    return sso.logout_redirect(home + "/out", id_token_hint=token["id_token"], state="bye")


@app.get("/out")
def out():
    return {"state": request.args["state"]}


server = make_server("127.0.0.1", settings["port"], app, threaded=True, ssl_context=(settings["cert"], settings["key"]))
print("ready", flush=True)
server.serve_forever()
