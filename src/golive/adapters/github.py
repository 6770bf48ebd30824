"""GitHub, or a GitHub Enterprise Server. Answers are read by models made from GitHub's own
published schema, so that an answer of another shape is an error here and not a surprise later."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
from pydantic import ValidationError

from golive.kernel.errors import PortError, Unreachable
from golive.kernel.fidelity import Fidelity
from golive.kernel.json import JsonObject
from golive.ports.code_host import Job, Review, RunArtifact, WorkflowRun

if TYPE_CHECKING:
    from githubkit import GitHub

T = TypeVar("T")
_PAGE = 100
_LARGEST = 100_000_000
_ENTERPRISE_VERSION = "2022-11-28"
_SHOWN = 2000
_AWAY = (429, 500, 502, 503, 504)
PUBLIC = "https://api.github.com"


class GitHubHost:
    """`golive.ports.code_host.CodeHost` for one repository, `owner/name`."""

    def __init__(
        self,
        repository: str,
        token: Callable[[], str],
        *,
        api: str = PUBLIC,
        fidelity: Fidelity = Fidelity.LIVE,
        timeout: float = 30.0,
    ) -> None:
        self.fidelity = fidelity
        self._owner, _, self._name = repository.partition("/")
        self._api, self._token, self._timeout = api, token, timeout
        self.url = f"{api.rstrip('/')}/repos/{repository}"
        # a server of one's own refuses versions of the API that are newer than itself
        self._headers = {} if api == PUBLIC else {"X-GitHub-Api-Version": _ENTERPRISE_VERSION}
        self._made: GitHub[Any] | None = None

    def workflows(self) -> Sequence[str]:
        def page(number: int) -> Sequence[Any]:
            answer = self._call("list_repo_workflows", per_page=_PAGE, page=number)
            listed: Sequence[Any] = answer.parsed_data.workflows
            return listed

        found = self._asked("list of workflows", lambda: _all(page))
        return [one.path.rpartition("/")[2] for one in found if one.state == "active"]

    def dispatch(self, workflow: str, ref: str, inputs: Mapping[str, str]) -> int | None:
        def start() -> int | None:
            answer = self._call("create_workflow_dispatch", workflow, ref=ref, inputs=dict(inputs))
            # 204 and no body from a server that is older than the run's details
            told = answer.status_code != 204 and answer.parsed_data.workflow_run_id
            return told or None

        return self._asked(f"dispatch of {workflow}", start)

    def runs(self, workflow: str, since: datetime) -> Sequence[WorkflowRun]:
        def ask() -> Sequence[WorkflowRun]:
            answer = self._call(
                "list_workflow_runs",
                workflow,
                event="workflow_dispatch",
                created=f">={since.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')}",
                per_page=_PAGE,
            )
            return [_run(one) for one in answer.parsed_data.workflow_runs]

        return self._asked(f"runs of {workflow}", ask)

    def run(self, run_id: int) -> WorkflowRun:
        return self._asked(
            f"run {run_id}",
            lambda: _run(self._call("get_workflow_run", run_id).parsed_data),
        )

    def cancel(self, run_id: int) -> None:
        def end() -> None:
            self._call("cancel_workflow_run", run_id)

        try:
            self._asked(f"cancelling of run {run_id}", end)
        except PortError:
            if not self.run(run_id).over:  # one that is over can't be cancelled
                raise

    def jobs(self, run_id: int) -> Sequence[Job]:
        def page(number: int) -> Sequence[Any]:
            answer = self._call("list_jobs_for_workflow_run", run_id, per_page=_PAGE, page=number)
            jobs: Sequence[Any] = answer.parsed_data.jobs
            return jobs

        found = self._asked(f"jobs of run {run_id}", lambda: _all(page))
        return [Job(one.name, one.status, one.conclusion or "", _raw(one)) for one in found]

    def waiting(self, run_id: int) -> Sequence[str]:
        def ask() -> Sequence[str]:
            answer = self._call("get_pending_deployments_for_run", run_id)
            return [str(one.environment.name or "") for one in answer.parsed_data]

        return self._asked(f"approvals that run {run_id} waits for", ask)

    def reviews(self, run_id: int) -> Sequence[Review]:
        def ask() -> Sequence[Review]:
            answer = self._call("get_reviews_for_run", run_id)
            return [
                Review(
                    one.user.login,
                    one.state == "approved",
                    [str(environment.name or "") for environment in one.environments],
                    one.comment,
                )
                for one in answer.parsed_data
            ]

        return self._asked(f"approvals of run {run_id}", ask)

    def artifacts(self, run_id: int) -> Sequence[RunArtifact]:
        def page(number: int) -> Sequence[Any]:
            answer = self._call("list_workflow_run_artifacts", run_id, per_page=_PAGE, page=number)
            artifacts: Sequence[Any] = answer.parsed_data.artifacts
            return artifacts

        found = self._asked(f"artifacts of run {run_id}", lambda: _all(page))
        return [
            RunArtifact(
                id=one.id,
                name=one.name,
                size=one.size_in_bytes,
                # absent before upload-artifact v4, and null for what it did not upload
                digest=one.digest if isinstance(one.digest, str) else "",
                expired=one.expired,
                expires_at=one.expires_at,
            )
            for one in found
        ]

    def artifact(self, artifact: RunArtifact) -> bytes:
        if artifact.expired:
            raise PortError(f"the artifact {artifact.name} has expired", where=self.url)
        if artifact.size > _LARGEST:
            raise PortError(f"the artifact {artifact.name} is larger than 100 MB", where=self.url)
        return self._bytes(
            f"artifact {artifact.name}",
            lambda: self._call("download_artifact", artifact.id, "zip", stream=True),
        )

    def logs(self, run_id: int) -> bytes:
        return self._bytes(
            f"logs of run {run_id}",
            lambda: self._call("download_workflow_run_logs", run_id, stream=True),
        )

    # -- the wire ----------------------------------------------------------------------------

    def _call(self, operation: str, *arguments: Any, **more: Any) -> Any:
        """An operation of the Actions API on this repository."""
        act = getattr(self._client().rest.actions, operation)
        return act(self._owner, self._name, *arguments, headers=self._headers, **more)

    def _client(self) -> GitHub[Any]:
        if self._made is None:
            from githubkit import GitHub, TokenAuthStrategy

            self._made = GitHub(
                TokenAuthStrategy(self._token()),
                base_url=self._api,
                follow_redirects=True,
                timeout=self._timeout,
                http_cache=False,
                # a drill waits where people can see and stop it
                auto_retry=False,
                trust_env=False,
            )
        return self._made

    def _asked(self, what: str, ask: Callable[[], T]) -> T:
        from githubkit.exception import GitHubException, RequestError, RequestFailed

        try:
            return ask()
        except RequestFailed as error:
            answer = error.response.raw_response
            # a gateway's word, or too much asked: the host itself said nothing of the matter
            kind = Unreachable if answer.status_code in _AWAY else PortError
            raise kind(
                f"the {what} answered {answer.status_code}",
                where=self.url,
                hint=_hint(answer),
                answer=_shown(answer),
            ) from error
        except RequestError as error:
            raise Unreachable(f"no answer to the {what}: {error}", where=self.url) from error
        except (ValidationError, GitHubException, ValueError, AttributeError) as error:
            said = str(error).partition("\n")[0]
            raise PortError(
                f"the {what} is not what GitHub's schema says: {said}", where=self.url
            ) from error

    def _bytes(self, what: str, ask: Callable[[], Any]) -> bytes:
        def read() -> bytes:
            data = bytearray()
            # the client's own scope: without it the connection is gone before the body is read
            with self._client(), closing(ask().raw_response) as answer:
                for chunk in answer.iter_bytes():
                    data += chunk
                    if len(data) > _LARGEST:
                        raise PortError(f"the {what} is larger than 100 MB", where=self.url)
            return bytes(data)

        try:
            return self._asked(what, read)
        except httpx.HTTPError as error:
            raise Unreachable(f"the {what} broke off: {error}", where=self.url) from error


def _all(page: Callable[[int], Sequence[Any]]) -> Sequence[Any]:
    found: list[Any] = []
    for number in range(1, 101):
        now = page(number)
        found += now
        if len(now) < _PAGE:
            break
    return found


def _run(one: Any) -> WorkflowRun:
    actor = one.triggering_actor or one.actor
    return WorkflowRun(
        id=one.id,
        number=one.run_number,
        title=one.display_title,
        status=one.status or "",
        conclusion=one.conclusion or "",
        attempt=one.run_attempt if isinstance(one.run_attempt, int) else 1,
        commit=one.head_sha,
        actor=actor.login if actor else "",
        url=one.html_url,
        raw=_raw(one),
    )


def _raw(one: Any) -> JsonObject:
    """As GitHub said it, less the repository's whole description."""
    said: dict[str, Any] = json.loads(one.model_dump_json(by_alias=True, exclude_unset=True))
    for noise in ("repository", "head_repository", "pull_requests"):
        said.pop(noise, None)
    return said


def _shown(answer: httpx.Response) -> str:
    try:
        return answer.text[:_SHOWN]
    except httpx.ResponseNotRead:
        return ""


def _hint(answer: httpx.Response) -> str:
    if answer.headers.get("x-ratelimit-remaining") == "0":
        return "the token's rate limit is used up"
    hints = {
        401: "the token isn't accepted",
        403: "the token needs `actions: write` and `deployments: read` on the repository",
        404: "look at the repository's and the workflow's name, and at what the token may see",
        422: "the workflow needs `on: workflow_dispatch` with these inputs, on that ref",
    }
    return hints.get(answer.status_code, "")
