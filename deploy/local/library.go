package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// EnvLibrary names the ClickHouse engine library to load instead of the one
// that `make chdb` installs.
const EnvLibrary = "EBB_LIBCHDB"

// ErrLibraryMissing says that the ClickHouse engine library is not installed.
var ErrLibraryMissing = errors.New("the ClickHouse library libchdb is missing: run make chdb")

// FindLibrary returns the path of the ClickHouse engine library: the one that
// EBB_LIBCHDB names, else the one that `make chdb` installed in
// deploy/local/chdb of the working directory, of the executable's folder, or of
// a folder above either. The error wraps ErrLibraryMissing.
func FindLibrary() (string, error) {
	if path := os.Getenv(EnvLibrary); path != "" {
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("%s=%s: %w (%w)", EnvLibrary, path, ErrLibraryMissing, err)
		}
		return path, nil
	}

	var starts []string
	if dir, err := os.Getwd(); err == nil {
		starts = append(starts, dir)
	}
	if executable, err := os.Executable(); err == nil {
		starts = append(starts, filepath.Dir(executable))
	}
	for _, start := range starts {
		if path, ok := findAbove(start); ok {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w, or set %s to its path", ErrLibraryMissing, EnvLibrary)
}

// findAbove looks for the installed library in dir and in each folder above it.
func findAbove(dir string) (string, bool) {
	installed := filepath.Join("deploy", "local", "chdb", "node_modules", "@chdb", platformPackage(), "libchdb.so")
	for {
		path := filepath.Join(dir, installed)
		if _, err := os.Stat(path); err == nil {
			return path, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}

// platformPackage names the npm package with the library for this platform.
func platformPackage() string {
	arch := runtime.GOARCH
	if arch == "amd64" {
		arch = "x64"
	}
	if runtime.GOOS == "linux" {
		return "lib-linux-" + arch + "-gnu"
	}
	return "lib-" + runtime.GOOS + "-" + arch
}

// library holds the functions of libchdb's C interface that this package uses.
// Pointers returned by the library belong to it; each has its own release
// function. Names are those of chdb.h without the prefix chdb_.
type library struct {
	setSignalHandlersEnabled func(enabled int32)
	connect                  func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	closeConn                func(conn unsafe.Pointer)

	queryWithParamsN func(conn unsafe.Pointer, query unsafe.Pointer, queryLen uintptr, format unsafe.Pointer, formatLen uintptr,
		names, nameLens, values, valueLens unsafe.Pointer, count uintptr) unsafe.Pointer
	classifyQueryN func(conn unsafe.Pointer, sql unsafe.Pointer, sqlLen uintptr, database unsafe.Pointer, databaseLen uintptr,
		analysis unsafe.Pointer) int32

	streamInsertWithParamsN func(conn unsafe.Pointer, query unsafe.Pointer, queryLen uintptr, format unsafe.Pointer, formatLen uintptr,
		names, nameLens, values, valueLens unsafe.Pointer, count uintptr) unsafe.Pointer
	streamInsertError   func(stream unsafe.Pointer) string
	streamAppend        func(stream unsafe.Pointer, data unsafe.Pointer, length uintptr) int32
	streamDone          func(stream unsafe.Pointer) unsafe.Pointer
	streamCancelInsert  func(stream unsafe.Pointer)
	destroyInsertStream func(stream unsafe.Pointer)

	resultBuffer           func(result unsafe.Pointer) unsafe.Pointer
	resultLength           func(result unsafe.Pointer) uintptr
	resultError            func(result unsafe.Pointer) string
	resultRowsRead         func(result unsafe.Pointer) uint64
	resultStorageRowsRead  func(result unsafe.Pointer) uint64
	resultStorageBytesRead func(result unsafe.Pointer) uint64
	resultRowsWritten      func(result unsafe.Pointer) uint64
	resultBytesWritten     func(result unsafe.Pointer) uint64
	destroyQueryResult     func(result unsafe.Pointer)
}

// loadLibrary maps libchdb into the process and resolves its functions. It
// stays mapped: the engine's threads cannot be unloaded.
func loadLibrary(path string) (*library, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", path, err)
	}

	lib := &library{}
	for name, target := range map[string]any{
		"chdb_set_signal_handlers_enabled": &lib.setSignalHandlersEnabled,
		"chdb_connect":                     &lib.connect,
		"chdb_close_conn":                  &lib.closeConn,
		"chdb_query_with_params_n":         &lib.queryWithParamsN,
		"chdb_classify_query_n":            &lib.classifyQueryN,
		"chdb_stream_insert_with_params_n": &lib.streamInsertWithParamsN,
		"chdb_stream_insert_error":         &lib.streamInsertError,
		"chdb_stream_append":               &lib.streamAppend,
		"chdb_stream_done":                 &lib.streamDone,
		"chdb_stream_cancel_insert":        &lib.streamCancelInsert,
		"chdb_destroy_insert_stream":       &lib.destroyInsertStream,
		"chdb_result_buffer":               &lib.resultBuffer,
		"chdb_result_length":               &lib.resultLength,
		"chdb_result_error":                &lib.resultError,
		"chdb_result_rows_read":            &lib.resultRowsRead,
		"chdb_result_storage_rows_read":    &lib.resultStorageRowsRead,
		"chdb_result_storage_bytes_read":   &lib.resultStorageBytesRead,
		"chdb_result_rows_written":         &lib.resultRowsWritten,
		"chdb_result_bytes_written":        &lib.resultBytesWritten,
		"chdb_destroy_query_result":        &lib.destroyQueryResult,
	} {
		symbol, err := purego.Dlsym(handle, name)
		if err != nil {
			return nil, fmt.Errorf("%s has no function %s: run make chdb for the version this program needs: %w", path, name, err)
		}
		purego.RegisterFunc(target, symbol)
	}
	return lib, nil
}
