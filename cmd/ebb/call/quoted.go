package call

import "strings"

// Quoted is a word for a shell.
func Quoted(word string) string {
	plain := word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,@+%") == ""
	if plain {
		return word
	}

	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
