package additions

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// configuration is the content of a vmx or vmsd file: keys in any order, values without their quotes.
type configuration map[string]string

// readConfiguration parses `key = "value"` lines; what is not such a line is skipped, as ESXi does.
func readConfiguration(path string) (configuration, error) {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	read := configuration{}
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 0, 64*1024), 1024*1024)
	for lines.Scan() {
		key, value, ok := strings.Cut(lines.Text(), "=")
		if !ok || strings.HasPrefix(strings.TrimSpace(key), "#") {
			continue
		}
		read[strings.TrimSpace(key)] = unescape(strings.Trim(strings.TrimSpace(value), `"`))
	}
	return read, lines.Err()
}

// write replaces the file as a whole, so that a reader on the other side of the share never sees half of it.
func (c configuration) write(path string) error {
	keys := make([]string, 0, len(c))
	for key := range c {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	var text strings.Builder
	for _, key := range keys {
		fmt.Fprintf(&text, "%s = \"%s\"\n", key, escape(c[key]))
	}
	fresh := path + "~"
	if err := os.WriteFile(fresh, []byte(text.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(fresh, path)
}

func (c configuration) isTrue(key string) bool { return strings.EqualFold(c[key], "TRUE") }

func (c configuration) number(key string, otherwise int64) int64 {
	n, err := strconv.ParseInt(c[key], 10, 64)
	if err != nil {
		return otherwise
	}
	return n
}

// The vmx dictionary writes bytes that would end a value as |XX.
var (
	escapes   = strings.NewReplacer("|", "|7C", `"`, "|22", "\n", "|0A", "\r", "|0D")
	unescapes = strings.NewReplacer("|7C", "|", "|22", `"`, "|0A", "\n", "|0D", "\r")
)

func escape(value string) string   { return escapes.Replace(value) }
func unescape(value string) string { return unescapes.Replace(value) }

// uuidToVmx writes 564d…-… as the vmx does: pairs in two groups of eight bytes.
func uuidToVmx(id string) string {
	digits := strings.ReplaceAll(id, "-", "")
	if len(digits) != 32 {
		return id
	}
	pairs := make([]string, 16)
	for i := range pairs {
		pairs[i] = digits[2*i : 2*i+2]
	}
	return strings.Join(pairs[:8], " ") + "-" + strings.Join(pairs[8:], " ")
}

func uuidFromVmx(written string) string {
	digits := strings.NewReplacer(" ", "", "-", "").Replace(written)
	if len(digits) != 32 {
		return ""
	}
	return fmt.Sprintf("%s-%s-%s-%s-%s", digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
}

// guestOSToVmx: ubuntu64Guest is ubuntu-64 in a vmx.
func guestOSToVmx(id string) string {
	name := strings.TrimSuffix(id, "Guest")
	if base, ok := strings.CutSuffix(name, "_64"); ok {
		return base + "-64"
	}
	if base, ok := strings.CutSuffix(name, "64"); ok {
		return base + "-64"
	}
	return name
}
