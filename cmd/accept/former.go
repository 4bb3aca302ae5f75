package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// ErrNoCommit says that git does not know a commit.
var ErrNoCommit = errors.New("no such commit")

// former is ebb as it was at a commit, built once and kept in a folder by the
// commit's hash. The work tree stays as it is.
func former(ctx context.Context, commit, folder string) (program, hash string, err error) {
	found, err := output(ctx, "", "git", "rev-parse", "--verify", "--quiet", "--end-of-options", commit+"^{commit}")
	if hash = strings.TrimSpace(found); err != nil || hash == "" {
		return "", "", fmt.Errorf("-against is %q: %w; run make compare AGAINST=COMMIT DATA=FOLDER", commit, ErrNoCommit)
	}
	if program, err = filepath.Abs(filepath.Join(folder, hash[:12], "ebb")); err != nil {
		return "", "", err
	}
	if _, err := os.Stat(program); err == nil {
		return program, hash, nil
	}

	fmt.Fprintf(os.Stderr, "building ebb of %s\n", hash[:12])
	source, err := os.MkdirTemp("", "ebb-former-")
	if err != nil {
		return "", "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(source)) }()
	archive := filepath.Join(source, ".tar")
	if _, err := output(ctx, "", "git", "archive", "--output", archive, hash); err != nil {
		return "", "", err
	}
	if _, err := output(ctx, "", "tar", "-xf", archive, "-C", source); err != nil {
		return "", "", err
	}
	// Renamed when it is whole, so that what is there can be run.
	if _, err := output(ctx, source, "go", "build", "-trimpath", "-o", program+".new", "./cmd/ebb"); err != nil {
		return "", "", err
	}

	return program, hash, os.Rename(program+".new", program)
}

// output runs a command to its end and returns what it printed.
func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, name, args...) //nolint:gosec // git, tar and go, with arguments of this program
	command.Dir = dir
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	var problems bytes.Buffer
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, args[0], err, bytes.TrimSpace(problems.Bytes()))
	}

	return string(out), nil
}
