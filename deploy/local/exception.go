package local

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// exception is an error in ClickHouse's own words, such as
// "Code: 60. DB::Exception: Unknown table ... (UNKNOWN_TABLE)".
type exception struct {
	code    int
	message string
}

func (e *exception) Error() string { return e.message }

// raise makes an exception of ClickHouse's code and name for it.
func raise(code int, name, format string, values ...any) *exception {
	message := fmt.Sprintf(format, values...)
	return &exception{code: code, message: fmt.Sprintf("Code: %d. DB::Exception: %s (%s)", code, message, name)}
}

var exceptionCode = regexp.MustCompile(`Code: (\d+)\. `)

// newException takes the engine's text for an error. One without a code is
// UNKNOWN_EXCEPTION, 1002.
func newException(message string) *exception {
	message = strings.TrimSpace(message)
	if match := exceptionCode.FindStringSubmatchIndex(message); match != nil {
		if code, err := strconv.Atoi(message[match[2]:match[3]]); err == nil {
			return &exception{code: code, message: message[match[0]:]}
		}
	}
	return raise(1002, "UNKNOWN_EXCEPTION", "%s", message)
}

// asException gives any error ClickHouse's form.
func asException(err error) *exception {
	if e, ok := errors.AsType[*exception](err); ok {
		return e
	}
	return newException(err.Error())
}

// status is the HTTP status that ClickHouse sends with a code.
func (e *exception) status() int {
	switch e.code {
	case 26, 27, 36, 38, 41, 43, 44, 53, 62, 69, 72, 108, 117, 130, 131, 386, 457:
		return http.StatusBadRequest
	case 46, 47, 50, 56, 60, 73, 81, 115:
		return http.StatusNotFound
	case 48:
		return http.StatusNotImplemented
	case 159, 209:
		return http.StatusRequestTimeout
	case 164, 497:
		return http.StatusForbidden
	case 202:
		return http.StatusTooManyRequests
	}
	return http.StatusInternalServerError
}
