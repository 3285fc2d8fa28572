package rest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"html"
	"net/http"
	"slices"
	"strconv"
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
	results [][]byte // forms that are looked for in results
	texts   [][]byte // forms that are looked for in what is shown of an error: double encodings as well
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
	var results, texts []string
	for i, secret := range slices.Concat(secrets, onlyInTexts) {
		if len(secret) < minShown {
			continue
		}
		once := append(encodings(secret), secret, strings.ReplaceAll(secret, " ", "+"))
		if i < len(secrets) && len(secret) >= minSecret {
			results = append(results, once...)
		}
		for _, form := range append(once, strings.ToLower(secret), inPointer.Replace(secret)) {
			texts = append(append(texts, form), encodings(form)...)
		}
	}
	return &secretFilter{secrets: secrets, results: forms(results), texts: forms(texts)}
}

// forms are different texts. One shorter than minShown is left out, since it is in many texts.
func forms(texts []string) (forms [][]byte) {
	slices.Sort(texts)
	for _, text := range slices.Compact(texts) {
		if len(text) >= minShown {
			forms = append(forms, []byte(text))
		}
	}
	return forms
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
func (f *secretFilter) foundIn(body []byte) bool { return anyIn(body, f.results) }

// foundInText says whether a text that is to be shown holds a secret, in upper or lower case.
func (f *secretFilter) foundInText(text string) bool {
	return anyIn([]byte(text), f.texts) || anyIn([]byte(strings.ToLower(text)), f.texts)
}

// anyIn looks for any of the forms in a text, and in what the text is when its escapes are resolved, up to four times.
func anyIn(text []byte, forms [][]byte) bool {
	for range 5 {
		if slices.ContainsFunc(forms, func(form []byte) bool { return bytes.Contains(text, form) }) {
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
	if unit, rest, ok := cutHex(`\u`, 4, escaped); ok {
		if low, behind, ok := cutHex(`\u`, 4, rest); ok && utf16.IsSurrogate(unit) {
			return utf8.AppendRune(plain, utf16.DecodeRune(unit, low)), behind
		}
		return utf8.AppendRune(plain, unit), rest
	}
	if char, rest, ok := cutHex("%", 2, escaped); ok {
		return append(plain, byte(char&0xff)), rest
	}
	if escaped[0] == '\\' && len(escaped) > 1 {
		escaped = escaped[1:]
	}
	return append(plain, escaped[0]), escaped[1:]
}

// cutHex reads a prefix and a number of some hexadecimal digits, and returns what is behind them.
func cutHex(prefix string, digits int, text []byte) (number rune, rest []byte, ok bool) {
	rest, ok = bytes.CutPrefix(text, []byte(prefix))
	if !ok || len(rest) < digits {
		return 0, nil, false
	}
	parsed, err := strconv.ParseUint(string(rest[:digits]), 16, 16)
	return rune(parsed), rest[digits:], err == nil
}
