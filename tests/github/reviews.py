"""A GitHub that keeps reviews: it knows the hunks of a diff, and takes a review whole or not at all."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

from tests.github.server import GitHub, Reply, Request, refused

_HUNK: Final = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
Json = dict[str, Any]


class ReviewingGitHub(GitHub):
    """The comments of the reviews of one pull request."""

    def __init__(self) -> None:
        super().__init__()
        self.files: list[Json] = []
        self.comments: list[Json] = []
        self.resolved: list[int] = []
        self.refuses = ""
        """A text in a comment that it refuses for no reason."""

    def reply(self, request: Request) -> Reply:
        path = urlsplit(request.path).path
        if path.endswith("/graphql"):
            self.requests.append(request)
            return self._graphql(request.body or {})
        answered = super().reply(request)
        if answered.status != 200 or answered.body is not None:
            return answered
        body = request.body or {}
        match request.method, path.split("/Hello-World/")[-1].split("/"):
            case "GET", ["pulls", _, "files"]:
                return Reply(200, self.files)
            case "GET", ["pulls", _, "comments"]:
                return Reply(200, self.comments)
            case "POST", ["pulls", _, "reviews"]:
                troubles = [self._trouble(comment) for comment in body["comments"]]
                if any(troubles):
                    return refused(422, "Unprocessable Entity")
                for comment in body["comments"]:
                    self._add(comment)
                return Reply(200, {"id": 1})
            case "POST", ["pulls", _, "comments"]:
                if self._trouble(body):
                    return refused(422, "Validation Failed")
                return Reply(201, self._add(body))
            case "PATCH", ["pulls", "comments", number]:
                next(one for one in self.comments if str(one["id"]) == number)["body"] = body["body"]
                return Reply(200, {"id": int(number)})
        return refused(404, "Not Found")

    def _add(self, comment: Json) -> Json:
        added = {**comment, "id": len(self.comments) + 1, "user": {"login": "github-actions[bot]"}}
        self.comments.append(added)
        return added

    def _trouble(self, comment: Json) -> bool:
        """Whether GitHub would refuse it: all of its lines have to be within one hunk."""
        patch = next((one["patch"] for one in self.files if one["filename"] == comment["path"]), "")
        first, last = int(comment.get("start_line") or comment["line"]), int(comment["line"])
        hunks = [(int(start), int(start) + int(count or 1)) for start, count in _HUNK.findall(patch)]
        inside = any(start <= first <= last < end for start, end in hunks)
        return not inside or bool(self.refuses and self.refuses in comment["body"])

    def _graphql(self, body: Json) -> Reply:
        if body["query"].startswith("mutation"):
            self.resolved.append(int(body["variables"]["id"]))
            return Reply(200, {"data": {"resolveReviewThread": {"thread": {"id": body["variables"]["id"]}}}})
        nodes = [
            {
                "id": str(one["id"]),
                "isResolved": one["id"] in self.resolved,
                "comments": {"nodes": [{"databaseId": one["id"]}]},
            }
            for one in self.comments
        ]
        threads = {"nodes": nodes, "pageInfo": {"hasNextPage": False, "endCursor": None}}
        return Reply(200, {"data": {"repository": {"pullRequest": {"reviewThreads": threads}}}})
