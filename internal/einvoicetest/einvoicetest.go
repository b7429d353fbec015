// Package einvoicetest holds electronic documents against the official rules: the UBL 2.1 schema, the rules of EN 16931 and
// those of Peppol BIS Billing 3, by the programs their publishers mean them for. Only tests use it.
//
// It needs xmllint and Saxon-HE, and a folder with the rules: EN16931-UBL-validation.xslt, PEPPOL-EN16931-UBL.xslt and
// ubl21-xsd/, which are not ours to hand out. What is missing is an error, never a pass.
package einvoicetest

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// The sets of rules a document can break.
const (
	Schema  = "UBL 2.1 schema"
	EN16931 = "EN 16931"
	Peppol  = "Peppol BIS 3"
)

// saxonJar is where the Debian package libsaxonhe-java puts the program.
const saxonJar = "/usr/share/java/Saxon-HE.jar"

// Failure is one fatal finding.
type Failure struct {
	Set  string // Schema, EN16931 or Peppol
	Rule string // such as BR-CO-15; empty for the schema
	Text string
	At   string // where in the document
}

func (f Failure) String() string { return fmt.Sprintf("%s %s: %s (%s)", f.Set, f.Rule, f.Text, f.At) }

// Report has the failures of every document, by file name; a valid one has none but is there.
type Report map[string][]Failure

// Invalid lists the names of documents with failures, in order.
func (r Report) Invalid() []string {
	return slices.Sorted(maps.Keys(maps.Collect(func(yield func(string, bool) bool) {
		for name, failures := range r {
			if len(failures) > 0 && !yield(name, true) {
				return
			}
		}
	})))
}

// Rules is a folder with the official rules.
type Rules struct{ folder string }

// FindRules takes the folder einvoice-rules of MAKEGOOD_SHARED/corpus, or of ../shared/corpus beside the repository, and
// tells what is missing there or on this machine.
func FindRules() (Rules, error) {
	shared := os.Getenv("MAKEGOOD_SHARED")
	if shared == "" {
		root, err := repository()
		if err != nil {
			return Rules{}, err
		}
		shared = filepath.Join(root, "..", "shared")
	}
	r := Rules{filepath.Join(shared, "corpus", "einvoice-rules")}
	var missing []error
	for _, name := range []string{r.xslt(EN16931), r.xslt(Peppol), r.schema("Invoice"), r.schema("CreditNote")} {
		if _, err := os.Stat(name); err != nil {
			missing = append(missing, fmt.Errorf("rule file: %w", err))
		}
	}
	for program, origin := range map[string]string{"xmllint": "libxml2-utils", "java": "default-jre-headless"} {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, fmt.Errorf("program %s (Debian package %s): %w", program, origin, err))
		}
	}
	if _, err := os.Stat(saxonJar); err != nil {
		missing = append(missing, fmt.Errorf("saxon-HE (Debian package libsaxonhe-java): %w", err))
	}
	return r, errors.Join(missing...)
}

// repository is the root of the module the test runs in.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("working directory: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod above the working directory")
		}
		dir = parent
	}
}

func (r Rules) xslt(set string) string {
	return filepath.Join(r.folder, map[string]string{EN16931: "EN16931-UBL-validation.xslt", Peppol: "PEPPOL-EN16931-UBL.xslt"}[set])
}

func (r Rules) schema(root string) string {
	return filepath.Join(r.folder, "ubl21-xsd", "maindoc", "UBL-"+root+"-2.1.xsd")
}

// Validate holds every .xml file of the folder, which may be CreditNotes and Invoices, against the schema and the sets of
// rules named, both where none is. Each is one run over the whole folder, of about two seconds and a hundred documents a second.
func (r Rules) Validate(ctx context.Context, folder string, sets ...string) (Report, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.xml"))
	if err != nil || len(files) == 0 {
		return nil, errors.Join(fmt.Errorf("no .xml file in %s", folder), err)
	}
	if len(sets) == 0 {
		sets = []string{EN16931, Peppol}
	}
	report := Report{}
	for _, file := range files {
		report[filepath.Base(file)] = nil
	}
	if err := r.bySchema(ctx, files, report); err != nil {
		return nil, err
	}
	for _, set := range sets {
		if err := r.byRules(ctx, folder, set, report); err != nil {
			return nil, err
		}
	}
	return report, nil
}

var schemaLine = regexp.MustCompile(`^(.*\.xml):(\d+): (.*)$`)

func (r Rules) bySchema(ctx context.Context, files []string, report Report) error {
	byRoot := map[string][]string{}
	for _, file := range files {
		root, err := rootOf(file)
		if err != nil {
			report[filepath.Base(file)] = []Failure{{Set: Schema, Text: err.Error(), At: "root"}}
			continue
		}
		byRoot[root] = append(byRoot[root], file)
	}
	for root, files := range byRoot {
		var out bytes.Buffer
		command := exec.CommandContext(ctx, "xmllint", append([]string{"--noout", "--nonet", "--schema", r.schema(root)}, files...)...) //nolint:gosec // the test's own files
		command.Stderr = &out
		err := command.Run()
		found := false
		for line := range strings.Lines(out.String()) {
			if part := schemaLine.FindStringSubmatch(strings.TrimSpace(line)); part != nil {
				name := filepath.Base(part[1])
				report[name] = append(report[name], Failure{Set: Schema, Text: part[3], At: "line " + part[2]})
				found = true
			}
		}
		if err != nil && !found {
			return fmt.Errorf("xmllint: %w: %s", err, out.String())
		}
	}
	return nil
}

func rootOf(file string) (string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read document: %w", err)
	}
	decoder := xml.NewDecoder(bytes.NewReader(content))
	for {
		token, err := decoder.Token()
		if err != nil {
			return "", fmt.Errorf("not XML: %w", err)
		}
		if start, ok := token.(xml.StartElement); ok {
			if start.Name.Local != "Invoice" && start.Name.Local != "CreditNote" {
				return "", fmt.Errorf("root element is %s", start.Name.Local)
			}
			return start.Name.Local, nil
		}
	}
}

// svrl is what the rules answer.
type svrl struct {
	Fired  []struct{} `xml:"fired-rule"`
	Failed []struct {
		ID       string `xml:"id,attr"`
		Flag     string `xml:"flag,attr"`
		Location string `xml:"location,attr"`
		Text     string `xml:"text"`
	} `xml:"failed-assert"`
}

func (r Rules) byRules(ctx context.Context, folder, set string, report Report) error {
	answers, err := os.MkdirTemp("", "svrl-")
	if err != nil {
		return fmt.Errorf("folder for answers: %w", err)
	}
	defer func() { _ = os.RemoveAll(answers) }()
	command := exec.CommandContext(ctx, "java", "-jar", saxonJar, "-s:"+folder, "-xsl:"+r.xslt(set), "-o:"+answers, "-warnings:silent") //nolint:gosec // the test's own files
	output, runErr := command.CombinedOutput()
	for name := range report {
		answer, err := os.ReadFile(filepath.Join(answers, name))
		if err != nil {
			return fmt.Errorf("%s gave no answer on %s: %w: %s", set, name, errors.Join(runErr, err), output)
		}
		var parsed svrl
		if err := xml.Unmarshal(answer, &parsed); err != nil {
			return fmt.Errorf("%s answered on %s: %w", set, name, err)
		}
		if len(parsed.Fired) == 0 {
			return fmt.Errorf("%s looked at nothing in %s", set, name)
		}
		for _, f := range parsed.Failed {
			if f.Flag == "fatal" {
				report[name] = append(report[name], Failure{Set: set, Rule: f.ID, Text: strings.Join(strings.Fields(f.Text), " "), At: f.Location})
			}
		}
	}
	return nil
}
