package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// readCustomers reads a file with one customer id a line. Empty lines don't
// count.
func readCustomers(path string) (map[string]struct{}, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--only: %w", err)
	}
	defer file.Close()
	customers := make(map[string]struct{})
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if id := strings.TrimSpace(lines.Text()); id != "" {
			customers[id] = struct{}{}
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("--only %s: %w; write one customer id a line", path, err)
	}
	if len(customers) == 0 {
		return nil, fmt.Errorf("--only %s names no customer; write one id a line", path)
	}

	return customers, nil
}
