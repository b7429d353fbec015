package app_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"html"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/xuri/excelize/v2"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/inbox/parse"
	"makegood/internal/access"
	"makegood/internal/dbtest"
	"makegood/internal/sheet"
)

// walk asks for a route and gives the status and what was said.
func (p premises) walk(t *testing.T, handler http.Handler, who pass, route string) *httptest.ResponseRecorder {
	t.Helper()
	return p.walkFor(t, handler, who, route, form{})
}

// form is in what form an answer is asked for: by parameters of the address, and by the media type.
type form struct{ query, accept string }

// customer is somebody of Lumen's who has signed in to the portal with a mailed code.
func (p premises) customer(t *testing.T) pass {
	t.Helper()
	isCode := func(m parse.Message) bool { return strings.Contains(m.Text, "/portal/link?t=") }
	var before []string // codes that others asked for
	for _, m := range p.mails() {
		if isCode(m) {
			before = append(before, m.Text)
		}
	}
	ticket := p2(p.app.Portal.AskForCode(t.Context(), ada, "192.0.2.1"))(t)
	letter := p.awaitMail(func(m parse.Message) bool { return isCode(m) && !slices.Contains(before, m.Text) })
	code := regexp.MustCompile(`(?m)^\s*\d{4} \d{4}\s*$`).FindString(letter.Text)
	return pass{portal: p2(p.app.Portal.SignInByCode(t.Context(), ticket, strings.TrimSpace(code), "test"))(t)}
}

// treacherous puts what a spreadsheet takes for a formula before whatever people write, in turn what one begins with.
func treacherous(t *testing.T, p premises) {
	t.Helper()
	var statements []string
	for _, column := range []string{
		"customers.name", "customers.address", "contacts.name", "contacts.title", "legal_entities.name", "users.name", "teams.name", "cases.subject", "cases.snippet",
		"case_messages.author_name", "case_messages.subject", "case_messages.body", "dispute_lines.claim", "root_causes.name", "root_causes.upstream_owner",
		"credit_requests.explanation", "credit_requests.customer_note", "credit_memos.explanation", "invoice_lines.description", "payments.bank_reference",
		"incidents.title", "incidents.reference", "reconciliation_findings.customer_name", "reconciliation_findings.why", "ledger_accounts.name",
	} {
		table, name, _ := strings.Cut(column, ".")
		statements = append(statements, fmt.Sprintf(`update %[1]s t set %[2]s = (array['=', '+', '-', '@', E'\t'])[1 + n.row %% 5] || '1+cmd ' || t.%[2]s
			from (select ctid, row_number() over (order by ctid) + %[3]d as row from %[1]s) n where n.ctid = t.ctid`, table, name, len(statements)))
	}
	statements = append(statements, `update reason_codes set name = '=1+cmd ' || name`)
	dbtest.AsOwner(t, p.app.DB, statements...)
	rejected := p2(p.app.Billing.StageImport(t.Context(), billing.NewImport{EntityID: p.Entity.ID, System: "northbooks", Kind: importer.Payments, Filename: "q.csv", By: access.SystemActor("test")},
		strings.NewReader("payment number,customer,currency,amount,payment date,bank reference\n=1+cmd,@nobody,EUR,1.00,2026-03-20,-1+cmd\n")))(t)
	p.objects["/imports/:id"] = fmt.Sprint(rejected.ID)
}

// export is a table that the program gives out: how it was asked for, and its cells of text as they came.
type export struct {
	asked string
	cells []string
}

// TestNoExportHasAFormula asks each route for a table in each form there is, and follows each link to one. Whatever comes as CSV or XLSX,
// by itself or within an archive, holds no cell that a spreadsheet would carry out; and what people wrote is in it.
func TestNoExportHasAFormula(t *testing.T) {
	t.Parallel()
	p := furnish(t)
	treacherous(t, p)
	handler := p2(p.app.Handler())(t)
	exports := p.exports(t, handler)
	seen := map[string]bool{}
	// What this company has no row of: targets missed, causes named, work of assistants.
	bare := []string{"/api/v1/reports/sla ", "/api/v1/reports/root-causes ", "/api/v1/reports/cases/:fact ", "/reviews/assistants"}
	for _, x := range exports {
		for _, cell := range x.cells {
			if startsFormula(cell) {
				t.Errorf("%s has a cell %q", x.asked, cell)
			}
			for _, sign := range []string{"=", "+", "-", "@", "\t"} {
				if strings.HasPrefix(cell, "'"+sign) {
					seen[sign] = true
				}
			}
		}
		if len(x.cells) == 0 && !slices.ContainsFunc(bare, func(asked string) bool { return strings.HasPrefix(x.asked, asked) }) {
			t.Errorf("%s has nothing in it, so it shows nothing", x.asked)
		}
	}
	if len(seen) < 5 {
		t.Errorf("of what begins a formula only %v was written: the exports were not tried", seen)
	}
	t.Logf("%d exports", len(exports))
	described(t, p.as(access.Auditor), exports)
}

// described: every operation of the API that says it gives a table was tried.
func described(t *testing.T, c caller, exports []export) {
	t.Helper()
	var spec struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct {
				Content map[string]any `json:"content"`
			} `json:"responses"`
		} `json:"paths"`
	}
	c.base = strings.TrimSuffix(c.base, "/v1")
	c.ask(http.StatusOK, http.MethodGet, "/openapi.json", nil, &spec)
	tables := 0
	for where, methods := range spec.Paths {
		for _, media := range []string{sheet.MediaCSV, sheet.MediaXLSX} {
			if _, ok := methods["get"].Responses["200"].Content[media]; !ok {
				continue
			}
			tables++
			route := regexp.MustCompile(`\{(\w+)\}`).ReplaceAllString(where, ":$1")
			if !slices.ContainsFunc(exports, func(x export) bool { return strings.HasSuffix(x.asked, route+" as "+media) }) {
				t.Errorf("%s says that it gives %s, and was not tried", where, media)
			}
		}
	}
	if tables == 0 {
		t.Error("no operation says that it gives a table")
	}
}

// exports are all the tables that can be had by asking.
func (p premises) exports(t *testing.T, handler http.Handler) []export {
	t.Helper()
	server, ok := handler.(*echo.Echo)
	if !ok {
		t.Fatalf("the handler is a %T", handler)
	}
	rights := pageRights()
	for route, roles := range apiRights() {
		rights[route] = roles
	}
	passes := map[string]pass{public: {}, theirs: p.customer(t)}
	for _, role := range strings.Fields("controller auditor supervisor director admin") {
		passes[role] = p.sign(t, role, nil)
	}
	var found []export
	linked := map[string]pass{}
	for _, r := range server.Routes() {
		if r.Method != http.MethodGet || r.Path == "/live" || strings.Contains(r.Path, "/files/") {
			continue // a stream; files of customers, which are given as they came
		}
		route := r.Method + " " + r.Path
		who := passes[cmp.Or(reader(rights[route]), public)]
		links := func(page *httptest.ResponseRecorder) {
			for _, link := range tableLink.FindAllStringSubmatch(page.Body.String(), -1) {
				if !strings.Contains(link[1], "language=") { // the same page in another language
					linked[html.UnescapeString(link[1])] = who
				}
			}
		}
		before := len(found)
		for _, as := range []form{{"as=csv&format=csv", sheet.MediaCSV}, {"as=xlsx&format=xlsx", sheet.MediaXLSX}} {
			got := p.walkFor(t, handler, who, route, as)
			found = append(found, tablesIn(t, got, r.Path)...)
			links(got)
			if kind := got.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/") && !strings.Contains(kind, "json") {
				break // a document, whatever is asked for
			}
		}
		if len(found) > before && !strings.HasPrefix(r.Path, "/api/") {
			links(p.walk(t, handler, who, route)) // the page that has the table
		}
	}
	for link, who := range linked {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, link, http.NoBody)
		request.AddCookie(&http.Cookie{Name: "mg_session", Value: who.cookie})
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		tables := tablesIn(t, recorder, link)
		if len(tables) == 0 {
			t.Errorf("%s is linked as a table and answers %d %s", link, recorder.Code, recorder.Header().Get("Content-Type"))
		}
		found = append(found, tables...)
	}
	if len(linked) == 0 {
		t.Error("no page links to a table")
	}
	return found
}

// tableLink finds links to tables.
var tableLink = regexp.MustCompile(`href="(/[^"]*[?&](?:amp;)?as=(?:csv|xlsx)[^"]*)"`)

// reader is one of those a route is for, who sees as much as can be.
func reader(roles string) string {
	for _, role := range strings.Fields(public + " " + theirs + " controller auditor supervisor director admin") {
		if slices.Contains(strings.Fields(roles), role) {
			return role
		}
	}
	return ""
}

// tablesIn are the tables of an answer.
func tablesIn(t *testing.T, got *httptest.ResponseRecorder, asked string) []export {
	t.Helper()
	media, _, _ := mime.ParseMediaType(got.Header().Get("Content-Type"))
	if got.Code != http.StatusOK {
		return nil
	}
	body := got.Body.Bytes()
	switch media {
	case sheet.MediaCSV:
		return []export{{asked + " as " + media, csvCells(t, asked, body)}}
	case sheet.MediaXLSX:
		return []export{{asked + " as " + media, xlsxCells(t, asked, body)}}
	case "application/zip":
		var all []export
		archive, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
		must(t, err)
		for _, file := range archive.File {
			name := asked + ", " + file.Name
			switch path.Ext(file.Name) {
			case ".csv":
				all = append(all, export{name, csvCells(t, name, unzipped(t, file))})
			case ".xlsx":
				all = append(all, export{name, xlsxCells(t, name, unzipped(t, file))})
			}
		}
		return all
	}
	return nil
}

func unzipped(t *testing.T, file *zip.File) []byte {
	t.Helper()
	in, err := file.Open()
	must(t, err)
	defer func() { _ = in.Close() }()
	return p2(io.ReadAll(in))(t)
}

// csvCells are the cells of a CSV that are no numbers.
func csvCells(t *testing.T, name string, content []byte) []string {
	t.Helper()
	read := csv.NewReader(bytes.NewReader(content))
	read.FieldsPerRecord = -1
	rows, err := read.ReadAll()
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	var cells []string
	for _, row := range rows[min(len(rows), 1):] {
		for _, cell := range row {
			if !figure.MatchString(cell) {
				cells = append(cells, cell)
			}
		}
	}
	return cells
}

var figure = regexp.MustCompile(`^-?\d+(?:\.\d+)?$`)

// xlsxCells are the cells of a workbook that hold text. A formula is a fault by itself.
func xlsxCells(t *testing.T, name string, content []byte) []string {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return nil
	}
	defer func() { _ = book.Close() }()
	var cells []string
	for _, page := range book.GetSheetList() {
		rows, err := book.GetRows(page, excelize.Options{RawCellValue: true})
		must(t, err)
		for y, row := range rows {
			for x, cell := range row {
				at, err := excelize.CoordinatesToCellName(x+1, y+1)
				must(t, err)
				if formula, err := book.GetCellFormula(page, at); err != nil || formula != "" {
					t.Errorf("%s, %s %s is the formula %q", name, page, at, formula)
				}
				kind, err := book.GetCellType(page, at)
				must(t, err)
				if y > 0 && (kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString) {
					cells = append(cells, cell)
				}
			}
		}
	}
	return cells
}

// startsFormula: a spreadsheet that opens the file would carry the cell out (OWASP, CSV injection).
func startsFormula(cell string) bool {
	text := strings.TrimLeft(cell, " \u00a0")
	return text != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(text)[0])
}
