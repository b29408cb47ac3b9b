"""What schemathesis cannot know: ids that exist, and that every request comes from somebody else. Named by SCHEMATHESIS_HOOKS."""

import itertools

import requests
import schemathesis

ROOM = "living"

calls = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    """Lets every other request about a room or peer name one that exists, but where requests follow from each other."""
    number = next(calls)
    case.headers = {**(case.headers or {}), "x-forwarded-for": f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::1"}
    parameters = case.path_parameters or {}
    follows = case.meta is not None and case.meta.phase.name == "stateful"
    if follows or number % 2 == 0 or "room_id" not in parameters or not isinstance(parameters["room_id"], str):
        return
    base = kwargs.get("base_url") or case.operation.schema.get_base_url()
    post = living_server(base.rstrip("/"))
    post("/room", {"roomId": ROOM})
    parameters["room_id"] = ROOM
    if "/peer/" in case.operation.path:
        added = post(f"/room/{ROOM}/peer", {"type": "webrtc"})
        # The room may hold as many peers as it may: then this request is about an unknown one.
        if added.status_code == 201:
            parameters["id"] = added.json()["data"]["peer"]["id"]
            query = case.query or {}
            if "peer_id" in query:
                query["peer_id"] = parameters["id"]


def living_server(base):
    """Posts to the server with its token."""
    from support import TOKEN

    headers = {"authorization": f"Bearer {TOKEN}"}
    return lambda path, body: requests.post(base + path, json=body, headers=headers, timeout=20)
