package composefile

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// placed are the compose file and the script of its passwords in a folder of their own,
// changed as edit says.
func placed(t *testing.T, edit func(string) string) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"compose.yaml", "passwords.sh"} {
		text, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "compose.yaml" {
			text = []byte(edit(string(text)))
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o700); err != nil {
			t.Fatal(err)
		}
	}

	return folder
}

func asItIs(text string) string { return text }

// load reads the file of a folder, with no environment but its .env.
func load(t *testing.T, folder string, profiles ...string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(folder, "compose.yaml")},
		cli.WithWorkingDirectory(folder), cli.WithEnvFiles(), cli.WithDotEnv, cli.WithProfiles(profiles))
	if err != nil {
		t.Fatal(err)
	}

	return options.LoadProject(context.Background())
}

func withPasswords(t *testing.T, folder string) {
	t.Helper()
	if out, err := exec.Command("bash", filepath.Join(folder, "passwords.sh")).CombinedOutput(); err != nil {
		t.Fatalf("passwords.sh: %v: %s", err, out)
	}
}

// Nothing starts with a password that anybody knows, or without one.
func TestRefusesToStartWithoutPasswords(t *testing.T) {
	_, err := load(t, placed(t, asItIs))
	if err == nil || !strings.Contains(err.Error(), "run deploy/passwords.sh first") {
		t.Errorf("without passwords: %v", err)
	}
}

// With passwords the file is read whole, and a profile adds the made-up customers alone.
func TestServices(t *testing.T) {
	folder := placed(t, asItIs)
	withPasswords(t, folder)
	plain, err := load(t, folder)
	if err != nil {
		t.Fatal(err)
	}
	demo, err := load(t, folder, "demo")
	if err != nil {
		t.Fatal(err)
	}
	names := plain.ServiceNames()
	for _, want := range []string{"clickhouse", "ebb", "grafana", "nats"} {
		if !slices.Contains(names, want) {
			t.Errorf("services %q, want %s too", names, want)
		}
	}
	var more []string
	for _, name := range demo.ServiceNames() {
		if !slices.Contains(names, name) {
			more = append(more, name)
		}
	}
	if len(more) != 1 {
		t.Errorf("profile demo adds %q, want one service", more)
	}
	for name, service := range demo.Services {
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s: port %s is open at %q, want this machine alone", name, port.Published, port.HostIP)
			}
		}
		for on := range service.DependsOn {
			if _, ok := demo.Services[on]; !ok {
				t.Errorf("%s waits for %s, which there is not", name, on)
			}
		}
		for _, mount := range service.Volumes {
			if mount.Type == types.VolumeTypeVolume {
				if _, ok := demo.Volumes[mount.Source]; !ok {
					t.Errorf("%s: volume %s is not declared", name, mount.Source)
				}
			}
		}
	}
}

// The loader is strict, so that the tests above can fail.
func TestMistakesAreFound(t *testing.T) {
	for name, edit := range map[string]func(string) string{
		"a misspelled field":    func(text string) string { return strings.Replace(text, "healthcheck:", "healthchek:", 1) },
		"an unknown volume":     func(text string) string { return strings.Replace(text, "- nats:/data", "- nast:/data", 1) },
		"an unknown service":    func(text string) string { return strings.Replace(text, "nats-folder: {cond", "nats-older: {cond", 1) },
		"a wrong kind of value": func(text string) string { return strings.Replace(text, "retries: 20", "retries: {a: 1}", 1) },
	} {
		folder := placed(t, func(text string) string {
			changed := edit(text)
			if changed == text {
				t.Errorf("%s: the file has no such place", name)
			}

			return changed
		})
		withPasswords(t, folder)
		if _, err := load(t, folder); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}
