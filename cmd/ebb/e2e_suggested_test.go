package main

import (
	"io"
	"net/http"
	"os/exec"
	"reflect"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"ebb/cmd/ebb/setting"
	"ebb/pipeline/vocabulary"
)

// What a demo prints to try works as printed, whatever the demo was started
// with: the query, and the commands.
func TestCommandsOfADemoWorkAsPrinted(t *testing.T) {
	clearEnvironment(t)
	_, env := program(t)
	for name, args := range map[string][]string{
		"simulated": {"--customers", "60", "--days", "90", "--churn.alert_budget", "5", "--churn.currency", "EUR", "--metrics", "base"},
		"a file":    {"--events", shopFile(t, 1500), "--mapping", shopMapping, "--horizon", "1d", "--metrics", "base"},
	} {
		t.Run(name, func(t *testing.T) {
			p := startProcess(t, append([]string{"demo", "--serve"}, args...)...)
			p.says(t, "Serving; Ctrl-C stops")
			_, printed, found := strings.Cut(p.output.String(), "To try:\n")
			if !found {
				t.Fatalf("nothing to try:\n%s", p.output)
			}
			query := regexp.MustCompile(`curl '([^']+)' --data-binary "([^"]+)"`).FindStringSubmatch(printed)
			if query == nil {
				t.Fatalf("no query:\n%s", printed)
			}
			response, err := http.Post(query[1], "text/plain", strings.NewReader(query[2]))
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			response.Body.Close()
			if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(body), "customer:") {
				t.Errorf("the query: %d %v\n%s", response.StatusCode, err, body)
			}
			commands := regexp.MustCompile(`(?m)^  (\S+ (?:status|customer) .*)$`).FindAllStringSubmatch(printed, -1)
			if len(commands) != 2 {
				t.Errorf("%d commands, want status and customer:\n%s", len(commands), printed)
			}
			for _, line := range commands {
				shell := exec.CommandContext(t.Context(), "sh", "-c", line[1])
				shell.Env = append(shell.Environ(), env...)
				if output, err := shell.CombinedOutput(); err != nil {
					t.Errorf("%s: %v\n%s", line[1], err, output)
				}
			}
			if code := p.stop(t, syscall.SIGINT); code != exitOK {
				t.Errorf("exit code %d\n%s", code, p.output)
			}
		})
	}
}

// Every entry of a vocabulary can be written as the setting reads it.
func TestVocabularyEntriesAreReadAsTheyWereWritten(t *testing.T) {
	yes, no, weight := true, false, 2.5
	for _, want := range []vocabulary.TypeConfig{
		{Type: "quiz.finished", Kind: "active"},
		{Type: "quiz.finished", AliasOf: "page.viewed", Channel: "app"},
		{Type: "page.viewed", Qualifying: &yes},
		{Type: "a", Kind: "micro", Channel: "web", Stage: "growth", Weight: &weight, Scale: &vocabulary.Scale{Worst: 5, Best: -1.5},
			Negative: &yes, Qualifying: &no, Ends: &yes, Contacts: &no, Money: "+"},
	} {
		var got setting.EventType
		text := want.Entry()
		if err := got.UnmarshalText([]byte(text)); err != nil || !reflect.DeepEqual(got.TypeConfig, want) {
			t.Errorf("%s: %v\n%+v\nwant\n%+v", text, err, got.TypeConfig, want)
		}
	}
	const known = 12 // whoever adds a field adds it to vocabularyEntry and above
	if fields := reflect.TypeFor[vocabulary.TypeConfig]().NumField(); fields != known {
		t.Errorf("a type has %d fields, and vocabularyEntry knows %d", fields, known)
	}
}
