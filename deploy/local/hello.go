package local

import (
	"strings"

	"github.com/ClickHouse/ch-go/proto"
)

// helloQuery is what clickhouse-go asks first over HTTP.
const helloQuery = "SELECT displayName(), version(), revision(), timezone()"

// isHello reports whether a statement is the driver's first query.
func isHello(statement string) bool {
	return strings.EqualFold(strings.Trim(statement, "; \t\r\n"), helloQuery)
}

// helloBlock answers the driver's first query. The driver reads that one answer
// in the protocol revision it announced and all later ones in the revision it
// finds here: 0 is the plain Native format that the engine writes.
func helloBlock(version string, clientRevision int) ([]byte, error) {
	var names, versions, zones proto.ColStr
	names.Append(displayName)
	versions.Append(version)
	zones.Append(timezone)
	revisions := proto.ColUInt32{0}

	var buffer proto.Buffer
	block := proto.Block{Info: proto.BlockInfo{BucketNum: -1}, Columns: 4, Rows: 1}
	err := block.EncodeBlock(&buffer, clientRevision, []proto.InputColumn{
		{Name: "displayName()", Data: names},
		{Name: "version()", Data: versions},
		{Name: "revision()", Data: revisions},
		{Name: "timezone()", Data: zones},
	})
	return buffer.Buf, err
}
