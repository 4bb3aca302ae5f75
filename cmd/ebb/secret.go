package main

import (
	"fmt"
	"os"
	"strings"
)

// secretBytes bounds a secret's file: a larger one is some other file.
const secretBytes = 64 << 10

// readSecret returns the content of the file that a setting names, without
// line ends behind it. The error never holds the content.
func readSecret(key, path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w; name a file that ebb may read", key, err)
	}
	if info.Size() > secretBytes {
		return "", fmt.Errorf("%s is %q: %d bytes are too long for a secret, at most %d", key, path, info.Size(), secretBytes)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w; name a file that ebb may read", key, err)
	}
	secret := strings.TrimRight(string(content), "\r\n")
	if secret == "" {
		return "", fmt.Errorf("%s is %q: the file is empty; write the secret into it", key, path)
	}

	return secret, nil
}
