package main

import (
	"path/filepath"
	"testing"

	"ebb/cmd/accept/trial"
	"ebb/deploy/local/localtest"
)

// A demo that is killed again and again, and then goes on to its end, leaves
// the rows and signals of one that was never disturbed.
func TestKillAndResume(t *testing.T) {
	localtest.Rest(t) // the rows are read by an engine on the folder of each demo
	mapping, err := filepath.Abs(shopMapping)
	if err != nil {
		t.Fatal(err)
	}
	const rows = 6_000 // some hundred messages of input, in the middle of which it is killed
	demo := trial.Demo{Args: []string{"--events", shopFile(t, rows), "--mapping", mapping, "--horizon", "1d"}}
	demo.Program, demo.Env = program(t)

	demo.Dir = prepared.folder(t)
	calm, err := demo.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want, err := trial.Read(t.Context(), demo.Dir, trial.Everything())
	if err != nil {
		t.Fatal(err)
	}
	if len(want["signals"]) == 0 || len(want["valid_rollups_total"]) == 0 || len(want["late"]) == 0 {
		t.Fatalf("%d signals, %d totals, %d late rows; the file has some of each",
			len(want["signals"]), len(want["valid_rollups_total"]), len(want["late"]))
	}
	messages, err := trial.Messages(t.Context(), demo.Dir)
	if err != nil {
		t.Fatal(err)
	}

	demo.Dir = prepared.folder(t)
	for _, kill := range []trial.Kill{
		{Stream: trial.Input, Sequence: messages[trial.Input] / 3},
		{Stream: trial.Rollups, Sequence: messages[trial.Rollups] / 2},
		{Stream: trial.Rollups, Sequence: messages[trial.Rollups] * 9 / 10},
	} {
		at, err := demo.RunUntil(t.Context(), kill)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("killed with %s at %d of %d", kill.Stream, at, messages[kill.Stream])
	}
	resumed, err := demo.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err := trial.Read(t.Context(), demo.Dir, trial.Everything())
	if err != nil {
		t.Fatal(err)
	}

	for _, difference := range want.Differences(got) {
		t.Errorf("from the undisturbed run: %s", difference)
	}
	calm.Seconds, resumed.Seconds = 0, 0
	if calm != resumed {
		t.Errorf("reports\n%+v\nand undisturbed\n%+v", resumed, calm)
	}
}
