// Package build says which version of ebb this is.
package build

import "runtime/debug"

// version is set by the linker: -X ebb/cmd/ebb/build.version=v1.2.3.
var version string

// Version is the linker's version, or the module's where `go install`
// built the program.
func Version() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}

	return "unknown"
}
