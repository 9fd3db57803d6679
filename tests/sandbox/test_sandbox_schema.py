"""Schemathesis against the live sandbox: no 5xx, no undocumented answer, every answer as its schema says."""

import json
from collections import Counter

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from exotel_frames.sandbox import SandboxServer
from exotel_frames.sandbox.app import openapi_document

KNOWN = ["bob", "nidhi", "archit"]
CREDENTIALS = {"auth": {"basic": {"username": "sandboxkey", "password": "sandboxtoken"}}}


def document() -> dict:
    """Return the document, with an account and names that exist, or most requests would end at the door."""
    said = json.loads(openapi_document())
    parameters, schemas = said["components"]["parameters"], said["components"]["schemas"]
    parameters["AccountSid"]["schema"] = {"enum": ["sandbox1"]}
    parameters["SubscriberName"]["schema"] = {"anyOf": [{"enum": KNOWN}, parameters["SubscriberName"]["schema"]]}
    schemas["Device"]["properties"]["subscriber_name"] = {
        "type": "string",
        "anyOf": [{"enum": KNOWN}, {"minLength": 1}],
    }
    return said


schema = schemathesis.openapi.from_dict(document(), config=SchemathesisConfig.from_dict(CREDENTIALS))


@pytest.fixture(scope="module")
def open_box():
    with SandboxServer(subscribers=30) as box:
        box.add(*KNOWN)
        yield box
        answered = Counter(entry.http_code for entry in box.log if entry.http_code)
        assert {200, 204, 207, 400, 401, 404, 405, 415} <= answered.keys(), "the cases must reach every kind of answer"
        assert max(answered) < 500


@schema.parametrize()
@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_case_gets_an_undocumented_answer(open_box, case):
    case.call_and_validate(base_url=open_box.base_url)
