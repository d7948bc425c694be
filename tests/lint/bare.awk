# bare.awk - C without comments and without what stands in literals: "text" becomes "", 'c' becomes ''.
# Prints FILE:LINE:code.  Knows the three places a character can be in: code, a comment, a literal.

FNR == 1 { in_comment = 0 }

{
	line = $0
	out = ""
	while (line != "") {
		if (in_comment) {
			end = index(line, "*/")
			if (end == 0)
				break
			line = substr(line, end + 2)
			in_comment = 0
			out = out " "
		} else if (match(line, /\/\*|\/\/|"|'/)) {
			mark = substr(line, RSTART, RLENGTH)
			out = out substr(line, 1, RSTART - 1)
			line = substr(line, RSTART + RLENGTH)
			if (mark == "//")
				break
			if (mark == "/*") {
				in_comment = 1
				continue
			}
			while (line != "" && substr(line, 1, 1) != mark)
				line = substr(line, substr(line, 1, 1) == "\\" ? 3 : 2)
			line = substr(line, 2)
			out = out mark mark
		} else {
			out = out line
			break
		}
	}
	print FILENAME ":" FNR ":" out
}
