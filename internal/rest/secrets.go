package rest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"html"
	"net/http"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// minSecret is the length below which a secret is not looked for in results, in bytes: a shorter one may
	// well be a part of somebody's name.
	minSecret = 8
	// minShown is the same for what is shown of an error.
	minShown = 4
)

// secretFilter finds secrets in what a server sends, since it may repeat the headers of a request: as they
// are, in base64 or hex, or escaped in the ways of JSON, URLs and HTML.
type secretFilter struct {
	secrets []string
	results forms // that are looked for in results
	texts   forms // that are looked for in what is shown of an error: double encodings as well
}

// secrets is the filter for the secrets so far: those of the credential, and of a proxy. No vendor sees a
// proxy's password, so that it is not looked for in results: it may be a word that is in all of them.
func (c *Client) secrets() *secretFilter {
	secrets := c.config.Credential.Secrets()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.filter == nil || !slices.Equal(c.filter.secrets, secrets) {
		c.filter = newSecretFilter(secrets, c.proxySecrets)
	}
	return c.filter
}

// proxySecrets are the password of the proxy that a URL is requested through, and the pair of user and
// password, which is sent in base64.
func proxySecrets(target string) []string {
	request, err := http.NewRequest(http.MethodGet, target, http.NoBody) //nolint:noctx // It is not sent.
	if err != nil {
		return nil
	}
	proxy, err := http.ProxyFromEnvironment(request)
	if err != nil || proxy == nil {
		return nil
	}
	password, ok := proxy.User.Password()
	if !ok {
		return nil
	}
	return []string{password, proxy.User.Username() + ":" + password}
}

func newSecretFilter(secrets, onlyInTexts []string) *secretFilter {
	f := &secretFilter{secrets: secrets}
	for i, secret := range slices.Concat(secrets, onlyInTexts) {
		if len(secret) < minShown {
			continue
		}
		once := append(encodings(secret), secret, strings.ReplaceAll(secret, " ", "+"))
		if i < len(secrets) && len(secret) >= minSecret {
			f.results.add(once...)
		}
		for _, form := range append(once, strings.ToLower(secret), inPointer.Replace(secret)) {
			f.texts.add(form)
			f.texts.add(encodings(form)...)
		}
	}
	return f
}

// inPointer escapes a name as a JSON pointer does.
var inPointer = strings.NewReplacer("~", "~0", "/", "~1")

// encodings are the forms that a text has in base64, of either alphabet and wherever it begins in a
// longer text, and in hex.
func encodings(text string) []string {
	forms := []string{hex.EncodeToString([]byte(text)), strings.ToUpper(hex.EncodeToString([]byte(text)))}
	for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for offset := range 3 {
			// A character holds six bits. Left out are those that hold bits of what is in front or behind.
			encoded := alphabet.EncodeToString(append(make([]byte, offset), text...))
			forms = append(forms, encoded[(offset*8+5)/6:(offset+len(text))*8/6])
		}
	}
	return forms
}

// foundIn says whether a result holds a secret.
func (f *secretFilter) foundIn(body []byte) bool { return f.results.foundIn(body) }

// foundInText says whether a text that is to be shown holds a secret, in upper or lower case.
func (f *secretFilter) foundInText(text string) bool {
	return f.texts.foundIn([]byte(text)) || f.texts.foundIn([]byte(strings.ToLower(text)))
}

// forms are texts that are looked for.
type forms [][]byte

// add adds texts that are not there yet. One shorter than minShown is left out, since it is in many texts.
func (f *forms) add(texts ...string) {
	for _, text := range texts {
		if len(text) >= minShown && !slices.ContainsFunc(*f, func(form []byte) bool { return string(form) == text }) {
			*f = append(*f, []byte(text))
		}
	}
}

// foundIn looks for any of the forms in a text, and in what the text is when its escapes are resolved, up to
// four times.
func (f forms) foundIn(text []byte) bool {
	for range 5 {
		if slices.ContainsFunc(f, func(form []byte) bool { return bytes.Contains(text, form) }) {
			return true
		}
		plain := unescape(text)
		if bytes.Equal(plain, text) {
			return false
		}
		text = plain
	}
	return false
}

// unescape resolves the escapes of JSON, URLs and HTML wherever there seem to be any.
func unescape(text []byte) []byte {
	if bytes.IndexByte(text, '\\') >= 0 || bytes.IndexByte(text, '%') >= 0 {
		plain := make([]byte, 0, len(text))
		for i := bytes.IndexAny(text, `\%`); i >= 0; i = bytes.IndexAny(text, `\%`) {
			plain, text = resolve(append(plain, text[:i]...), text[i:])
		}
		text = append(plain, text...)
	}
	if bytes.IndexByte(text, '&') >= 0 {
		text = []byte(html.UnescapeString(string(text)))
	}
	return text
}

// resolve appends the character that an escape of JSON or URLs stands for to a plain text. The escape is the beginning
// of a text, of which resolve returns the rest.
func resolve(plain, escaped []byte) (longer, rest []byte) {
	if unit, ok := hexAfter(`\u`, 4, escaped); ok {
		if low, ok := hexAfter(`\u`, 4, escaped[6:]); ok && utf16.IsSurrogate(unit) {
			return utf8.AppendRune(plain, utf16.DecodeRune(unit, low)), escaped[12:]
		}
		return utf8.AppendRune(plain, unit), escaped[6:]
	}
	if char, ok := hexAfter("%", 2, escaped); ok {
		return append(plain, byte(char&0xff)), escaped[3:]
	}
	if escaped[0] == '\\' && len(escaped) > 1 {
		escaped = escaped[1:]
	}
	return append(plain, escaped[0]), escaped[1:]
}

// hexAfter reads a number of two or four hexadecimal digits after a prefix.
func hexAfter(prefix string, digits int, text []byte) (number rune, ok bool) {
	if len(text) < len(prefix)+digits || string(text[:len(prefix)]) != prefix {
		return 0, false
	}
	var decoded [2]byte
	n, err := hex.Decode(decoded[:], text[len(prefix):len(prefix)+digits])
	for _, b := range decoded[:n] {
		number = number<<8 | rune(b)
	}
	return number, err == nil
}
