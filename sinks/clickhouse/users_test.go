package clickhouse

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The users that deploy ships have the rights that the program asks for, and who
// looks at dashboards may read and nothing else.
func TestShippedUsersHaveTheirRights(t *testing.T) {
	for _, path := range []string{"../../deploy/clickhouse/users.d/ebb.xml", "../../deploy/clickhouse/users.sql"} {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		grants := regexp.MustCompile(`GRANT ([A-Z, ]+) ON ebb\.\*`).FindAllStringSubmatch(string(content), -1)
		if len(grants) != 2 {
			t.Fatalf("%s: grants %q, want those of two users", path, grants)
		}
		has := strings.Split(grants[0][1], ", ")
		for _, right := range append([]string{"CREATE DATABASE"}, rights()...) {
			found := false
			for _, given := range has {
				found = found || given == right
			}
			if !found {
				t.Errorf("%s: ebb lacks %s", path, right)
			}
		}
		if len(has) != len(rights())+1 {
			t.Errorf("%s: ebb has %q, more than it needs", path, has)
		}
		if grants[1][1] != "SELECT" {
			t.Errorf("%s: the reader may %s", path, grants[1][1])
		}
	}
}
