package serve

import (
	"context"
	"errors"
	"fmt"

	"ebb/pipeline/preflight"
)

// check does what `ebb check` does for an instance that begins: what fails ends
// it, what is a warning is logged, and servers that are away are waited for.
func (r *running) check(ctx context.Context) error {
	var found []preflight.Finding
	err := r.untilServed(ctx, func() (err error) {
		found, err = r.config.Preflight(ctx, r.js)

		return err
	})
	if err != nil {
		return err
	}
	var failed []error
	for _, f := range found {
		switch f.Status {
		case preflight.Failed:
			failed = append(failed, fmt.Errorf("%s: %s; %s", f.Check, f.Text, f.Remedy))
		case preflight.Warning:
			r.log.Warn(f.Text, "check", f.Check, "remedy", f.Remedy)
		case preflight.OK:
			r.log.Debug(f.Text, "check", f.Check)
		}
	}

	return errors.Join(failed...)
}
