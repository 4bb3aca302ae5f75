package huge

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"
)

// TestPagesAsksTheSystem reads from the kernel that the memory of a slice may have huge
// pages, wherever the kernel knows of them.
func TestPagesAsksTheSystem(t *testing.T) {
	_, err := os.Stat("/sys/kernel/mm/transparent_hugepage/enabled")
	known := err == nil
	for _, size := range []int{least, 2 * Page} {
		made := Pages(make([]byte, size))
		clone := Clone(make([]byte, size))
		for _, at := range []*byte{&made[0], &made[size-1], &clone[0], &clone[size-1]} {
			if asked := strings.Contains(flagsOf(t, uintptr(unsafe.Pointer(at))), " hg"); asked != known {
				t.Errorf("a slice of %d bytes: huge pages asked for: %t, and the kernel knows them: %t", size, asked, known)
			}
		}
	}
}

// flagsOf are the kernel's flags of the mapping that holds an address; see proc_pid_smaps(5).
func flagsOf(t *testing.T, address uintptr) string {
	t.Helper()
	file, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	within := false
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var from, to uintptr
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x ", &from, &to); n == 2 {
			within = from <= address && address < to
		}
		if flags, ok := strings.CutPrefix(lines.Text(), "VmFlags:"); ok && within {
			return flags
		}
	}
	t.Fatalf("no mapping holds %x", address)

	return ""
}
