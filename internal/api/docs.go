package api

// docsPage names the description and how to use it. It is plain on purpose: no script, nothing from elsewhere.
const docsPage = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Makegood API</title><body>
<h1>Makegood API</h1>
<p>The API lives under <code>/api/v1</code>. Its description is OpenAPI 3.1: <a href="/api/openapi.json">/api/openapi.json</a>
(or <a href="/api/openapi.yaml">YAML</a>); any OpenAPI viewer or client generator reads it.</p>
<ul>
<li>Send <code>Authorization: Bearer …</code> with each request. Tokens are made with <code>makegood token create</code>.</li>
<li>Money is <code>{"amount":"12.30","currency":"EUR"}</code>: an exact string, never a float. Times are RFC 3339 in UTC.</li>
<li>A POST may carry <code>Idempotency-Key</code>: sent again, it has one effect and gives the first answer.</li>
<li>Lists take <code>limit</code> and <code>cursor</code> and answer with <code>next_cursor</code>.</li>
<li>Errors are problem details (RFC 9457): <code>detail</code> for people, <code>code</code> for programs, <code>errors</code> by field.</li>
<li>Cases carry an <code>ETag</code>; send it back as <code>If-Match</code> so that nobody's change is overwritten unseen.</li>
</ul></body></html>`
