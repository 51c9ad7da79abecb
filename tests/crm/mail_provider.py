"""What providers of mail post to us: their own shapes, as their documentation shows them."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

from django.test import Client

SECRET, KEY = "soutien:a-long-word", "key-of-mailgun"
BASIC = "Basic " + base64.b64encode(SECRET.encode()).decode()
WHEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TO = "pia@example.org"
GONE = "550 5.1.1 The mailbox pia@example.org does not exist"


def post(provider, body, *, secret=BASIC, **headers):
    """Post as a provider does, which has no cookie of ours. `body`: bytes, or what JSON can say."""
    headers |= {"Authorization": secret} if secret else {}
    told = body if isinstance(body, bytes) else json.dumps(body)
    return Client(enforce_csrf_checks=True, raise_request_exception=False).post(
        f"/webhooks/mail/{provider}/tracking/",
        told,
        content_type="application/json",
        headers=headers,
    )


def brevo(event, mail=None, *, at=WHEN, to=TO, message_id="<m1@brevo>", **more):
    custom = {"X-Mailin-custom": json.dumps({"mail": str(mail.public_id)})} if mail else {}
    return {
        "event": event,
        "email": to,
        "id": 26224,
        "date": f"{at:%Y-%m-%d %H:%M:%S}",
        "message-id": message_id,
        "ts_epoch": int(at.timestamp() * 1000),
        **custom,
        **more,
    }


def mailjet(event, mail, *, at=WHEN, **more):
    payload = json.dumps({"mail": str(mail.public_id)})
    return [
        {
            "event": event,
            "time": int(at.timestamp()),
            "MessageID": 19421777835146490,
            "email": TO,
            "mj_campaign_id": 7173,
            "Payload": payload,
            **more,
        }
    ]


def postmark(record, mail, *, at=WHEN, **more):
    day = {"Bounce": "BouncedAt", "SpamComplaint": "BouncedAt", "Delivery": "DeliveredAt"}
    who = "Recipient" if record in ("Delivery", "SubscriptionChange") else "Email"
    return {
        "RecordType": record,
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        who: TO,
        day.get(record, "ChangedAt"): at.isoformat(),
        "Metadata": {"mail": str(mail.public_id)},
        "ServerID": 23,
        **more,
    }


def mailgun(event, mail, *, at=WHEN, token="t1", **more):
    stamp = str(int(at.timestamp()))
    signed = hmac.new(KEY.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {
        "signature": {"timestamp": stamp, "token": token, "signature": signed},
        "event-data": {
            "event": event,
            "timestamp": at.timestamp(),
            "id": "G9Bn5sl1TC6nu79C8C0bwg",
            "recipient": TO,
            "message": {"headers": {"to": TO, "message-id": "2013@example.org"}},
            "user-variables": {"mail": str(mail.public_id)},
            **more,
        },
    }


def ses(kind, mail, *, at=WHEN, number="n1", **more):
    """Return Amazon's message and the headers that go with it."""
    metadata = json.dumps({"mail": str(mail.public_id)})
    told = {
        "eventType": kind,
        "mail": {
            "messageId": "EXAMPLE7c191be45",
            "destination": [TO],
            "headers": [{"name": "X-Metadata", "value": metadata}],
        },
        **more,
    }
    message = {
        "Type": "Notification",
        "MessageId": number,
        "TopicArn": "arn:aws:sns:eu-west-1:123456789012:mails",
        "Message": json.dumps(told),
        "Timestamp": at.isoformat(),
    }
    return message, {
        "x-amz-sns-message-type": "Notification",
        "x-amz-sns-message-id": number,
    }
