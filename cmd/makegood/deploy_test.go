package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const deployed = "../../deploy"

// variables are the names of settings that the program reads from its environment, as its command line declares them.
func variables(of reflect.Type) []string {
	var names []string
	for i := range of.NumField() {
		field := of.Field(i)
		if name := field.Tag.Get("env"); name != "" {
			names = append(names, name)
		}
		if field.Type.Kind() == reflect.Struct {
			names = append(names, variables(field.Type)...)
		}
	}
	return names
}

// Every setting that a file for operators names is one of the program's, and every one of the server's is told in the README.
func TestDeployedSettingsExist(t *testing.T) {
	t.Parallel()
	known := variables(reflect.TypeFor[cli]())
	named := regexp.MustCompile(`MAKEGOOD_[A-Z_]*[A-Z]`)
	seen := 0
	err := filepath.WalkDir(deployed, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		for _, name := range named.FindAllString(read(t, path), -1) {
			seen++
			if !slices.Contains(known, name) {
				t.Errorf("%s: the program has no setting %s", path, name)
			}
		}
		return nil
	})
	if err != nil || seen < 15 {
		t.Fatalf("%d settings found: %v", seen, err)
	}
	readme := read(t, "../../README.md")
	for _, name := range append(variables(reflect.TypeFor[settings]()), variables(reflect.TypeFor[serveCommand]())...) {
		if !strings.Contains(readme, "`"+name+"`") {
			t.Errorf("README.md does not tell of %s", name)
		}
	}
}

// kubernetesObject is the part of an object that its kind decides about.
type kubernetesObject struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   struct{ Name, Namespace string }
	Spec       struct {
		Replicas int
		Template struct {
			Spec struct {
				SecurityContext struct {
					RunAsNonRoot bool `yaml:"runAsNonRoot"`
				} `yaml:"securityContext"`
				Containers []struct {
					Args            []string
					SecurityContext struct {
						ReadOnlyRootFilesystem   bool  `yaml:"readOnlyRootFilesystem"`
						AllowPrivilegeEscalation *bool `yaml:"allowPrivilegeEscalation"`
					} `yaml:"securityContext"`
				}
			}
		}
	}
}

func TestKubernetesManifest(t *testing.T) {
	t.Parallel()
	decoder := yaml.NewDecoder(strings.NewReader(read(t, filepath.Join(deployed, "kubernetes.yaml"))))
	kinds := map[string]int{}
	for {
		var o kubernetesObject
		err := decoder.Decode(&o)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		kinds[o.Kind]++
		if o.APIVersion == "" || o.Metadata.Name == "" || (o.Kind != "Namespace" && o.Metadata.Namespace != "makegood") {
			t.Errorf("incomplete: %+v", o)
		}
		for _, c := range o.Spec.Template.Spec.Containers {
			escalate := c.SecurityContext.AllowPrivilegeEscalation
			if !o.Spec.Template.Spec.SecurityContext.RunAsNonRoot || !c.SecurityContext.ReadOnlyRootFilesystem || escalate == nil || *escalate {
				t.Errorf("%s %s is not confined", o.Kind, o.Metadata.Name)
			}
			parses(t, "kubernetes.yaml", c.Args)
		}
	}
	if kinds["Deployment"] != 1 || kinds["Job"] != 1 || kinds["Service"] != 1 {
		t.Errorf("%v", kinds)
	}
}

func TestComposeFile(t *testing.T) {
	t.Parallel()
	var file struct {
		Services map[string]struct {
			Build     any
			Command   any
			ReadOnly  bool           `yaml:"read_only"`
			DependsOn map[string]any `yaml:"depends_on"`
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(deployed, "compose.yaml"))), &file); err != nil {
		t.Fatal(err)
	}
	for name, service := range file.Services {
		for other := range service.DependsOn {
			if _, ok := file.Services[other]; !ok {
				t.Errorf("%s waits for %s, which is not there", name, other)
			}
		}
		if words, ok := service.Command.([]any); ok && service.Build != nil {
			var args []string
			for _, word := range words {
				args = append(args, word.(string)) //nolint:forcetypeassert // a word that is none fails the test
			}
			parses(t, "compose.yaml", args)
		}
	}
	if !file.Services["makegood"].ReadOnly || file.Services["db"].Command != nil {
		t.Errorf("%+v", file.Services)
	}
}

func TestUnitAndImageStartTheProgram(t *testing.T) {
	t.Parallel()
	unit := read(t, filepath.Join(deployed, "makegood.service"))
	start := regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/makegood (.*)$`).FindStringSubmatch(unit)
	image := read(t, filepath.Join(deployed, "Dockerfile"))
	command := regexp.MustCompile(`(?m)^CMD \["(.*)"\]$`).FindStringSubmatch(image)
	health := regexp.MustCompile(`CMD \["/makegood", (.*)\]`).FindStringSubmatch(image)
	if start == nil || command == nil || health == nil {
		t.Fatalf("%v %v %v", start, command, health)
	}
	parses(t, "makegood.service", strings.Fields(start[1]))
	parses(t, "Dockerfile", []string{command[1]})
	parses(t, "Dockerfile", strings.Split(strings.ReplaceAll(health[1], `"`, ""), ", "))
	if !strings.Contains(image, "FROM scratch") || !strings.Contains(image, "USER 65532") || !strings.Contains(unit, "DynamicUser=yes") {
		t.Error("the program would run with more than it needs")
	}
}

// parses fails the test unless the program's own command line understands the words.
func parses(t *testing.T, where string, args []string) {
	t.Helper()
	var c cli
	var out bytes.Buffer
	parser, err := newParser(t.Context(), &c, streams{&out, &out})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil {
		t.Errorf("%s: makegood %s: %v", where, strings.Join(args, " "), err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What the templates of three machines leave open is filled by the script of the example, and told to who fills it by hand; the
// commands of the script that the docs name are there.
func TestTemplatesOfThreeMachines(t *testing.T) {
	t.Parallel()
	ha := filepath.Join(deployed, "ha")
	script, told := read(t, filepath.Join(ha, "cluster")), read(t, filepath.Join(ha, "README.md"))
	open := 0
	for _, name := range []string{"etcd.yaml", "patroni.yaml", "pgbouncer.ini", "let-go.sh"} {
		for _, place := range regexp.MustCompile(`@[A-Z_]+@`).FindAllString(read(t, filepath.Join(ha, name)), -1) {
			open++
			if !strings.Contains(script, "s|"+place+"|") || !strings.Contains(told, "`"+place+"`") {
				t.Errorf("%s: %s is filled or told by nobody", name, place)
			}
		}
	}
	commands := 0
	for _, text := range []string{told, read(t, "../../docs/high-availability.md"), read(t, "../../internal/app/whole_failover_test.go")} {
		for _, found := range regexp.MustCompile(`(?:deploy/ha/cluster |\x60cluster |\bc\.do\(")([a-z]+)`).FindAllStringSubmatch(text, -1) {
			commands++
			if !regexp.MustCompile(`(?m)^  ` + found[1] + ` DIR`).MatchString(script) {
				t.Errorf("the script has no command %s", found[1])
			}
		}
	}
	if open < 30 || commands < 14 {
		t.Errorf("%d places, %d commands", open, commands)
	}
}
