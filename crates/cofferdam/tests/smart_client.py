"""A published OAuth library (Authlib) signs in with a card's key, then creates, reads and is held to
its scope. The library makes the assertion (private_key_jwt, RFC 7523) and speaks to the token
endpoint; it knows no DPoP, so the proofs (RFC 9449) are signed with joserfc, on which it rests.

`smart_client.py key FILE` makes a key and prints the public half; `smart_client.py ask FILE` signs
in with it and prints what it saw as JSON.
"""

import base64
import hashlib
import json
import os
import sys
import time
import uuid

import requests
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import ECKey

what, path = sys.argv[1:]
if what == "key":
    made = ECKey.generate_key("P-384")
    with open(path, "w") as file:
        json.dump(made.as_dict(private=True), file)
    print(json.dumps(made.as_dict(private=False)))
    sys.exit()

origin, card = os.environ["ORIGIN"], os.environ["CARD"]
token_url = origin + "/auth/token"
with open(path) as file:
    key = ECKey.import_key(json.load(file))
nonce = None


def proof(method, url, token=None):
    header = {"typ": "dpop+jwt", "alg": "ES384", "jwk": key.as_dict(private=False)}
    claims = {"jti": str(uuid.uuid4()), "htm": method, "htu": url, "iat": int(time.time())}
    if nonce:
        claims["nonce"] = nonce
    if token:
        digest = hashlib.sha256(token.encode()).digest()
        claims["ath"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return jwt.encode(header, claims, key, algorithms=["ES384"])


def learn_nonce(response):
    global nonce
    nonce = response.headers.get("DPoP-Nonce", nonce)
    return response


def sign_in(scope):
    session = OAuth2Session(card, key, scope=scope, token_endpoint_auth_method="private_key_jwt")
    session.register_compliance_hook("access_token_response", learn_nonce)
    for _ in range(2):
        # SMART asks for five minutes at most; the library's own default is an hour.
        claims = {"exp": int(time.time()) + 240}
        session.register_client_auth_method(PrivateKeyJWT(token_url, claims, alg="ES384"))
        try:
            return session.fetch_token(
                token_url,
                grant_type="client_credentials",
                scope=scope,
                headers={
                    "DPoP": proof("POST", token_url),
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Accept": "application/json",
                },
            )
        except OAuthError as error:
            if error.error != "use_dpop_nonce":
                raise


def ask(token, method, path, body=None):
    for _ in range(2):
        headers = {
            "Authorization": "DPoP " + token,
            "DPoP": proof(method, origin + path, token),
            "Content-Type": "application/fhir+json",
        }
        response = learn_nonce(requests.request(method, origin + path, headers=headers, json=body))
        if "use_dpop_nonce" not in response.headers.get("WWW-Authenticate", ""):
            return response


granted = sign_in("system/Patient.cr system/Observation.rs")
token = granted["access_token"]
patient = {"resourceType": "Patient", "name": [{"family": "Eigenbrot"}], "gender": "female"}
created = ask(token, "POST", "/fhir/Patient", patient)
read = ask(token, "GET", "/fhir/Patient/" + created.json()["id"])
beyond = ask(token, "GET", "/fhir/Condition?patient=" + created.json()["id"])
try:
    refused = sign_in("system/*.read")
except OAuthError as error:
    refused = error.error
print(
    json.dumps(
        {
            "type": granted["token_type"],
            "scope": granted["scope"],
            "created": created.status_code,
            "read": read.status_code,
            "family": read.json()["name"][0]["family"],
            "beyond": [beyond.status_code, beyond.headers["WWW-Authenticate"]],
            "refused": refused,
        }
    )
)
