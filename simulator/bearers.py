"""The token that proves a delivery to an app: HS256 with the app's client secret."""

import base64
import hashlib
import hmac
import json
import uuid
from datetime import datetime, timedelta

from simulator.accounts import App

LASTS = timedelta(minutes=3)


def delivery_token(app: App, cloud_id: str, now: datetime) -> str:
    since = int(now.timestamp())
    claims = {
        "iss": app.client_id,
        "sub": cloud_id,
        "iat": since,
        "exp": since + int(LASTS.total_seconds()),
        "jti": str(uuid.uuid4()),
        "context": {"cloudId": cloud_id},
    }
    signed = f"{_part(json.dumps({'alg': 'HS256', 'typ': 'JWT'}).encode())}.{_part(json.dumps(claims).encode())}"
    return f"{signed}.{_part(hmac.new(app.client_secret.encode(), signed.encode(), hashlib.sha256).digest())}"


def _part(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")
