// Package preflight is what is found out before anything is begun: whether the
// servers, rights and settings will do, each in one sentence with its remedy.
package preflight

// Status says how grave a finding is.
type Status string

// The statuses. A warning stops nothing.
const (
	OK      Status = "ok"
	Warning Status = "warning"
	Failed  Status = "failed"
)

// Finding is the result of one check.
type Finding struct {
	Check  string `json:"check"` // a short name, such as "nats version"
	Status Status `json:"status"`
	Text   string `json:"text"`             // what is so
	Remedy string `json:"remedy,omitempty"` // what to do; empty where all is well
}

// Found is a finding that all is well.
func Found(check, text string) Finding { return Finding{Check: check, Status: OK, Text: text} }

// Warn is a finding to know of.
func Warn(check, text, remedy string) Finding { return Finding{check, Warning, text, remedy} }

// Fail is a finding that has to be mended first.
func Fail(check, text, remedy string) Finding { return Finding{check, Failed, text, remedy} }

// Worst is the gravest status of the findings.
func Worst(findings []Finding) Status {
	worst := OK
	for i := range findings {
		switch findings[i].Status {
		case Failed:
			return Failed
		case Warning:
			worst = Warning
		case OK:
		}
	}

	return worst
}
