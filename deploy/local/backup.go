package local

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

var plainName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,200}$`)

// Backup stores a database in the folder of backups, under a name that is not taken
// yet, as ClickHouse's BACKUP does. Over HTTP the statement is refused: it writes files.
func (c *ClickHouse) Backup(database, name string) error {
	return c.backup("BACKUP DATABASE %s TO File('%s')", database, name)
}

// Restore makes a database, which must not be there, of a backup of it. It keeps its
// name: under another, the engine would leave out aliases in its views.
func (c *ClickHouse) Restore(database, name string) error {
	return c.backup("RESTORE DATABASE %s FROM File('%s')", database, name)
}

func (c *ClickHouse) backup(statement, database, name string) error {
	for _, s := range []string{database, name} {
		if !plainName.MatchString(s) {
			return fmt.Errorf("the name %q: only letters, digits, _ and -", s)
		}
	}
	path := filepath.Join(c.engine.backups, name)
	if strings.ContainsAny(path, `'\`) {
		return fmt.Errorf("the folder %q: ' and \\ can't be in a statement", c.engine.backups)
	}
	s, err := c.engine.open()
	if err != nil {
		return err
	}
	defer s.close()

	return s.exec(fmt.Sprintf(statement, database, path))
}
