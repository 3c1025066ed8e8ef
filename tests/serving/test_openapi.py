"""What the OpenAPI description promises, tried with requests that schemathesis makes from it."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from tests.serving.client import shipped

from lenet.serving.app import create_app

schemathesis = pytest.importorskip("schemathesis")
checks: Any = schemathesis.checks

checks.load_all_checks()
# Training and a run's figures take data and time; their own tests ask them.
described = schemathesis.openapi.from_asgi("/openapi.json", create_app(shipped())).exclude(
    path_regex="^/v1/(training|runs)"
)


@described.parametrize()
@seed(0)
@settings(
    max_examples=12,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_every_answer_is_as_described(case: Any) -> None:
    case.call_and_validate(
        checks=[
            checks.not_a_server_error,
            checks.status_code_conformance,
            checks.content_type_conformance,
            checks.response_schema_conformance,
            checks.unsupported_method,
        ]
    )
