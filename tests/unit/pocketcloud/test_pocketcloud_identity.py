# SPDX-License-Identifier: Apache-2.0
"""The pocket cloud's Keystone, over HTTP."""

import base64
from typing import Any

import pytest
from keystoneauth1 import session
from keystoneauth1.identity import v3
from keystonemiddleware import auth_token

USERS = "/identity/v3/users"
TOKENS = "/identity/v3/auth/tokens"


def test_a_wrong_password_is_refused(anybody) -> None:
    user = {"name": "demo", "domain": {"id": "default"}, "password": "guess"}
    auth = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}}

    answer = anybody.call("POST", TOKENS, auth)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, 401)


@pytest.mark.parametrize("auth", [{}, {"identity": {}}, {"identity": {"methods": ["password"]}}, "x", {"identity": []}])
def test_a_broken_request_for_a_token_is_a_400(anybody, auth) -> None:
    assert anybody.call("POST", TOKENS, {"auth": auth}).status_code == 400


def test_a_project_where_the_user_has_no_role_is_refused(anybody) -> None:
    user = {"name": "demo", "domain": {"id": "default"}, "password": "secret"}
    scope = {"project": {"name": "other", "domain": {"id": "default"}}}
    auth = {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}

    assert anybody.call("POST", TOKENS, {"auth": auth}).status_code == 401


def test_a_token_tells_user_project_roles_and_catalog(demo) -> None:
    token = demo.get(TOKENS, X_Subject_Token=demo.token)["token"]

    assert (token["user"]["name"], token["project"]["name"]) == ("demo", "demo")
    assert {"member", "reader", "load-balancer_member"} == {role["name"] for role in token["roles"]}
    assert ("magnum", "container-infra") in {(one["name"], one["type"]) for one in token["catalog"]}


def test_a_token_gets_another_token(demo, anybody) -> None:
    auth = {"identity": {"methods": ["token"], "token": {"id": demo.token}}, "scope": {"unscoped": {}}}

    answer = anybody.call("POST", TOKENS, {"auth": auth})

    assert answer.status_code == 201
    assert "project" not in answer.json()["token"]


def test_a_revoked_token_is_no_good(demo) -> None:
    demo.call("DELETE", TOKENS, X_Subject_Token=demo.token)

    assert demo.call("GET", "/compute/v2.1/servers").status_code == 401


def test_others_tokens_are_validated_for_services_only(demo, log_in) -> None:
    assert log_in("other").call("GET", TOKENS, X_Subject_Token=demo.token).status_code == 403
    assert log_in("magnum", "service").call("HEAD", TOKENS, X_Subject_Token=demo.token).status_code == 200


def test_members_cannot_manage_users(demo) -> None:
    assert demo.call("GET", USERS).status_code == 403
    assert demo.call("POST", USERS, {"user": {"name": "x"}}).status_code == 403


def make_user(caller, domain: str, **values: Any) -> dict[str, Any]:
    body = {"name": "k8s", "password": "pass", "domain_id": domain, **values}
    return caller.make(USERS, {"user": body})


def magnum_domain(caller) -> str:
    return caller.get("/identity/v3/domains?name=magnum")["domains"][0]["id"]


def test_a_domains_admin_manages_its_users_only(log_in) -> None:
    warden = log_in("magnum_domain_admin", domain="magnum")
    domain = magnum_domain(warden)

    user = make_user(warden, domain)

    assert warden.get(f"{USERS}?name=k8s")["users"][0]["id"] == user["id"]
    assert warden.call("POST", USERS, {"user": {"name": "x", "domain_id": "default"}}).status_code == 403
    assert warden.call("DELETE", f"{USERS}/{user['id']}").status_code == 204


def granted_user(warden, demo, admin):
    """Make a user with the role member on demo; gives its id, the grant's path and what it authenticates with."""
    user = make_user(warden, magnum_domain(warden))
    role = admin.get("/identity/v3/roles?name=member")["roles"][0]["id"]
    project = demo.get("/identity/v3/auth/projects")["projects"][0]["id"]
    path = f"/identity/v3/projects/{project}/users/{user['id']}/roles/{role}"
    assert warden.call("PUT", path).status_code == 204
    identity = {"methods": ["password"], "password": {"user": {"id": user["id"], "password": "pass"}}}
    return user["id"], path, {"auth": {"identity": identity, "scope": {"project": {"id": project}}}}


@pytest.mark.parametrize("change", ["delete", "disable", "password", "revoke"])
def test_tokens_die_with_what_they_rest_on(log_in, demo, admin, anybody, change) -> None:
    warden = log_in("magnum_domain_admin", domain="magnum")
    ident, grant, auth = granted_user(warden, demo, admin)
    token = anybody.call("POST", TOKENS, auth).headers["X-Subject-Token"]
    assert admin.call("GET", TOKENS, X_Subject_Token=token).status_code == 200

    calls = {
        "delete": ("DELETE", f"{USERS}/{ident}", None),
        "disable": ("PATCH", f"{USERS}/{ident}", {"user": {"enabled": False}}),
        "password": ("PATCH", f"{USERS}/{ident}", {"user": {"password": "new"}}),
        "revoke": ("DELETE", grant, None),
    }
    assert warden.call(*calls[change]).status_code in (200, 204)

    assert admin.call("GET", TOKENS, X_Subject_Token=token).status_code == 404


def test_a_grant_is_seen_until_it_is_taken_back(log_in, demo, admin) -> None:
    warden = log_in("magnum_domain_admin", domain="magnum")
    ident, grant, _ = granted_user(warden, demo, admin)

    assert warden.call("HEAD", grant).status_code == 204
    listed = admin.get(f"/identity/v3/role_assignments?user.id={ident}&include_names=True")["role_assignments"]
    assert [(one["user"]["name"], one["role"]["name"], one["scope"]["project"]["name"]) for one in listed] == [
        ("k8s", "member", "demo")
    ]
    warden.call("DELETE", grant)
    assert warden.call("HEAD", grant).status_code == 404


def test_a_user_changes_the_own_password(demo, log_in) -> None:
    ident = demo.get(TOKENS, X_Subject_Token=demo.token)["token"]["user"]["id"]

    wrong = demo.call("POST", f"{USERS}/{ident}/password", {"user": {"password": "n", "original_password": "x"}})
    right = demo.call("POST", f"{USERS}/{ident}/password", {"user": {"password": "n", "original_password": "secret"}})

    assert (wrong.status_code, right.status_code) == (401, 204)
    assert log_in("demo", password="n").token


def test_a_taken_name_is_a_conflict(admin) -> None:
    answer = admin.call("POST", USERS, {"user": {"name": "demo", "domain_id": "default"}})

    assert answer.status_code == 409
    assert "Duplicate entry found with name demo" in answer.json()["error"]["message"]


def test_a_missing_user_is_a_404(admin) -> None:
    answer = admin.call("GET", f"{USERS}/nobody")

    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "Could not find user: nobody.")


def test_projects_are_made_and_removed(admin) -> None:
    project = admin.make("/identity/v3/projects", {"project": {"name": "new"}})

    assert admin.get(f"/identity/v3/projects/{project['id']}")["project"]["domain_id"] == "default"
    assert admin.call("DELETE", f"/identity/v3/projects/{project['id']}").status_code == 204
    assert admin.call("POST", "/identity/v3/projects", {"project": {"name": ""}}).status_code == 400


def test_keystoneauth_finds_every_service(pocket) -> None:
    url = f"{pocket.cloud.settings.url}/identity"
    scope = {"project_name": "demo", "project_domain_id": "default"}
    auth = v3.Password(url, username="demo", password="secret", user_domain_id="default", **scope)
    client = session.Session(auth, timeout=10)

    found = {kind: client.get("/", endpoint_filter={"service_type": kind}).status_code for kind in ("network", "image")}
    client.session.close()

    assert found == {"network": 200, "image": 300}


def guarded(pocket, demo_token: str):
    """Ask a WSGI application behind keystonemiddleware who the caller is; gives status and the project's name."""
    url = f"{pocket.cloud.settings.url}/identity"
    conf = {
        "www_authenticate_uri": url,
        "auth_url": url,
        "auth_type": "password",
        "username": "magnum",
        "password": "secret",
        "project_name": "service",
        "user_domain_id": "default",
        "project_domain_id": "default",
        "service_token_roles_required": "true",
        "service_token_roles": "service",
    }
    seen: list[str] = []

    def application(environ, start_response):
        seen.append(environ["HTTP_X_PROJECT_NAME"])
        start_response("200 OK", [])
        return [b""]

    statuses: list[str] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_X_AUTH_TOKEN": demo_token, "SERVER_NAME": "x"}
    environ |= {"SERVER_PORT": "80", "wsgi.url_scheme": "http"}
    middleware = auth_token.AuthProtocol(application, conf)
    list(middleware(environ, lambda status, headers, *_: statuses.append(status)))
    middleware._identity_server._adapter.session.session.close()
    return statuses[0][:3], seen


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_keystonemiddleware_validates_tokens(pocket, demo) -> None:
    assert guarded(pocket, demo.token) == ("200", ["demo"])
    assert guarded(pocket, "invented") == ("401", [])


def test_tokens_are_not_guessable(demo, log_in) -> None:
    assert demo.token != log_in("demo").token
    assert len(base64.urlsafe_b64decode(demo.token.removeprefix("pct-") + "==")) >= 32
