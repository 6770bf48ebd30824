"""Every page of the console.

How a page is added: write `console/YOURPAGE.py` with a `router = APIRouter()` and plain functions
(`def`, so that they run beside the streams, not in their way) that

1. take `request: Request` and call `web.visit(request)` first: it sends who isn't signed in to the
   front door (pages before signing in are in `entry.py` alone);
2. find the run with `web.means(request).days.get(run)`, who the visitor is on its roster with
   `means.person(visit, day)` (raise `refusals.Missing` where that is None and the page is not for
   everybody), and read the board inside `with day.reading() as board:`, taking out what the page
   shows (`views.py` holds what several pages need);
3. return `web.page(request, "yours.html", {…})`, a template that extends `base.html` and gets
   `who`, `notices`, `here` and `form` besides.

A form is a POST to an address below its page: `{{ parts.hidden(form("/its/address")) }}` inside it,
and an `async def` that takes `await web.form_of(request)`, then does its work in
`run_in_threadpool(means.once.do, form, visit.person, action)`, where `action` returns the
address to go to, and ends with `web.see(…)`. What a person does to a run goes through `acting.py`,
never by another way. Say what happened with `means.sessions.tell(visit, "done", "…")`.

Then add the router here, a link to `base.html` or the board, and a line to docs/console.md.
"""

from __future__ import annotations

from golive.console import (
    aborting,
    auditpage,
    boardpage,
    entry,
    evidencepage,
    guestpage,
    logpage,
    me,
    peoplepage,
    riskspage,
    runs,
    signing,
    steps,
    talking,
    uploads,
    verdictpage,
    vouching,
)

ROUTERS = (
    entry.router,
    me.router,
    runs.router,
    boardpage.router,
    logpage.router,
    steps.router,
    talking.router,
    uploads.router,
    vouching.router,
    aborting.router,
    verdictpage.router,
    signing.router,
    evidencepage.router,
    auditpage.router,
    guestpage.router,
    riskspage.router,
    peoplepage.router,
)
