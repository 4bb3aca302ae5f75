package main

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"ebb/cmd/ebb/setting"
)

// This file checks what deploy ships against the program that it deploys.

// composeFile is what the tests read of deploy/compose.yaml.
type composeFile struct {
	Services map[string]struct {
		Image       string
		Ports       []string
		Volumes     []string
		Environment map[string]string
		SecurityOpt []string `yaml:"security_opt"`
		CapDrop     []string `yaml:"cap_drop"`
		Healthcheck map[string]any
		Deploy      struct {
			Resources struct{ Limits map[string]string }
		}
	}
	Volumes map[string]any
	Secrets map[string]struct{ Environment string }
}

func readYAML(t *testing.T, path string, to any) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(content, to); err != nil {
		t.Fatal(err)
	}

	return string(content)
}

// What compose starts is reachable from this machine alone, has bounds, and opens
// with no password that stands in the file.
func TestComposeIsClosed(t *testing.T) {
	const folder = "../../deploy"
	var file composeFile
	text := readYAML(t, folder+"/compose.yaml", &file)
	for name, service := range file.Services {
		if !regexp.MustCompile(`^\$\{[A-Z]+_IMAGE:-[a-z/-]+:[a-z0-9.-]+\}$`).MatchString(service.Image) || strings.Contains(service.Image, "latest") {
			t.Errorf("%s: image %q is not pinned, or can't be changed", name, service.Image)
		}
		for _, port := range service.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s: port %q is open to others", name, port)
			}
		}
		for _, volume := range service.Volumes {
			source, rest, _ := strings.Cut(volume, ":")
			_, named := file.Volumes[source]
			_, err := os.Stat(filepath.Join(folder, source))
			if !named && (err != nil || !strings.HasSuffix(rest, ":ro")) {
				t.Errorf("%s: volume %q is no file of ours that is only read: %v", name, volume, err)
			}
		}
		for key, value := range service.Environment {
			if strings.HasSuffix(key, "PASSWORD") && !regexp.MustCompile(`^\$\{[A-Z_]+:\?.+\}$`).MatchString(value) {
				t.Errorf("%s: %s is %q; it must come from the environment, and be demanded", name, key, value)
			}
		}
		if !slices.Contains(service.CapDrop, "ALL") && !strings.Contains(text, "<<: *defaults") {
			t.Errorf("%s keeps rights", name)
		}
		if name == "nats-folder" { // ends at once
			continue
		}
		if len(service.Healthcheck) == 0 || service.Deploy.Resources.Limits["memory"] == "" {
			t.Errorf("%s has no health check or no bound of memory", name)
		}
	}
	// The passwords that it demands are those that are made.
	made, err := os.ReadFile(folder + "/passwords.sh")
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile(`\$\{([A-Z_]+):\?`).FindAllStringSubmatch(text, -1) {
		if !strings.Contains(string(made), found[1]) {
			t.Errorf("%s is demanded, and deploy/passwords.sh does not make it", found[1])
		}
	}
	for name, secret := range file.Secrets {
		if !strings.Contains(string(made), secret.Environment) {
			t.Errorf("secret %s: deploy/passwords.sh does not make %s", name, secret.Environment)
		}
	}
	// Settings of ebb have the names of today.
	known := variables(t)
	for _, name := range []string{"ebb", "simulator"} {
		for key := range file.Services[name].Environment {
			if !slices.Contains(known, key) {
				t.Errorf("%s: %s is no setting", name, key)
			}
		}
	}
}

// variables are those that commands read.
func variables(t *testing.T) (names []string) {
	t.Helper()
	parser, err := newParser(io.Discard, io.Discard, &setting.FileResolver{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range parser.Model.Leaves(true) {
		for _, group := range command.AllFlags(false) {
			for _, flag := range group {
				names = append(names, flag.Envs...)
			}
		}
	}

	return names
}

// Passwords are made once, are not for others to read, and are not the same.
func TestPasswordsAreMadeOnce(t *testing.T) {
	script, err := os.ReadFile("../../deploy/passwords.sh")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "passwords.sh")
	if err := os.WriteFile(path, script, 0o600); err != nil {
		t.Fatal(err)
	}
	before := "GRAFANA_ADMIN_PASSWORD=mine\n"
	if err := os.WriteFile(filepath.Join(folder, ".env"), []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	var contents [2]string
	for i := range contents {
		if out, err := exec.CommandContext(t.Context(), "sh", path).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		content, err := os.ReadFile(filepath.Join(folder, ".env"))
		if err != nil {
			t.Fatal(err)
		}
		contents[i] = string(content)
	}
	if contents[0] != contents[1] || !strings.HasPrefix(contents[0], before) {
		t.Errorf("made anew:\n%s\n%s", contents[0], contents[1])
	}
	made := regexp.MustCompile(`(?m)^[A-Z_]+=(p[0-9a-f]{32})$`).FindAllStringSubmatch(contents[0], -1)
	distinct := map[string]bool{}
	for _, found := range made {
		distinct[found[1]] = true
	}
	if len(made) != 5 || len(distinct) != 5 {
		t.Errorf("%d passwords, %d of them different, want 5:\n%s", len(made), len(distinct), contents[0])
	}
	if info, err := os.Stat(filepath.Join(folder, ".env")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// The image is built from all that the program is made of.
func TestImageHasTheWholeSource(t *testing.T) {
	ignored, err := os.ReadFile("../../.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for line := range strings.Lines(string(ignored)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "!"); ok {
			kept = append(kept, name)
		}
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	listed, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=Dir,GoFiles,EmbedFiles", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for decoder := json.NewDecoder(strings.NewReader(string(listed))); decoder.More(); {
		var p struct {
			Dir                 string
			GoFiles, EmbedFiles []string
		}
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		folder, err := filepath.Rel(root, p.Dir)
		if err != nil || strings.HasPrefix(folder, "..") {
			continue // not ours
		}
		for _, name := range append(p.GoFiles, p.EmbedFiles...) {
			files++
			path := filepath.ToSlash(filepath.Join(folder, name))
			if !slices.ContainsFunc(kept, func(k string) bool { return path == k || strings.HasPrefix(path, k+"/") }) ||
				strings.Contains(path, "testdata") || strings.Contains(path, "node_modules") {
				t.Errorf("%s is kept from the image by .dockerignore", path)
			}
		}
	}
	if files < 300 {
		t.Errorf("only %d files seen", files)
	}
}

// checkRules finds every metric that the rules of Prometheus name among those that an
// instance shows, and every runbook.
func checkRules(t *testing.T, address string) {
	t.Helper()
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Labels      map[string]string
				Annotations map[string]string
			}
		}
	}
	readYAML(t, "../../deploy/prometheus/ebb.rules.yaml", &file)
	pages, err := os.ReadFile("../../deploy/OPERATING.md")
	if err != nil {
		t.Fatal(err)
	}
	anchors := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(string(pages), -1) {
		anchor := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(found[1]), "")
		anchors[strings.ReplaceAll(anchor, " ", "-")] = true
	}
	_, shown := fetch(t, address+"/metrics")
	alerts := 0
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			for _, name := range regexp.MustCompile(`\bebb_[a-z_]+`).FindAllString(rule.Expr, -1) {
				if !strings.Contains(shown, "# TYPE "+strings.TrimSuffix(name, "_bucket")+" ") {
					t.Errorf("%s: there is no metric %s", rule.Alert, name)
				}
			}
			if rule.Alert == "" {
				continue
			}
			alerts++
			runbook, _ := strings.CutPrefix(rule.Annotations["runbook_url"], "OPERATING.md#")
			if rule.Labels["severity"] == "" || rule.Annotations["summary"] == "" || !anchors[runbook] {
				t.Errorf("%s: no severity, no summary, or no runbook %q in deploy/OPERATING.md", rule.Alert, runbook)
			}
		}
	}
	if alerts < 12 {
		t.Errorf("%d alerts", alerts)
	}
}
