/*
 * schema.c - a small JSON Schema validator for tests, on jansson itself: the product's own reader
 * is one of the things under test.  Owns nothing between calls.
 */
#include "support/schema.h"

#include <jansson.h>
#include <math.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct check {
	json_t *root;		/* the schema document, for $ref */
	char *why;
	size_t why_size;
};

struct place {
	const struct place *up;
	const char *key;
	size_t index;
};

static bool holds(const struct check *c, json_t *schema, json_t *value, const struct place *at);

static size_t
place_print(const struct place *at, char *out, size_t size)
{
	size_t used = at->up != NULL ? place_print(at->up, out, size) : 0;
	int n = 0;

	if (at->up != NULL && used < size)
		n = at->key != NULL ? snprintf(out + used, size - used, "/%s", at->key) : snprintf(out + used, size - used, "/%zu", at->index);
	return used + (n > 0 ? (size_t)n : 0);
}

static bool __attribute__((format(printf, 3, 4)))
fails(const struct check *c, const struct place *at, const char *format, ...)
{
	size_t used;
	va_list ap;

	if (c->why_size == 0)
		return false;
	c->why[0] = '\0';
	used = place_print(at, c->why, c->why_size);
	if (used + 3 >= c->why_size)
		return false;
	strcpy(c->why + used, ": ");
	va_start(ap, format);
	vsnprintf(c->why + used + 2, c->why_size - used - 2, format, ap);
	va_end(ap);
	return false;
}

static bool
is_type(const char *name, json_t *v)
{
	if (strcmp(name, "integer") == 0)
		return json_is_integer(v);
	if (strcmp(name, "number") == 0)
		return json_is_number(v);
	if (strcmp(name, "string") == 0)
		return json_is_string(v);
	if (strcmp(name, "boolean") == 0)
		return json_is_boolean(v);
	if (strcmp(name, "null") == 0)
		return json_is_null(v);
	if (strcmp(name, "object") == 0)
		return json_is_object(v);
	return strcmp(name, "array") == 0 && json_is_array(v);
}

static bool
check_type(const struct check *c, json_t *rule, json_t *schema, json_t *v, const struct place *at)
{
	char *text;
	size_t i;
	json_t *one;

	(void)schema;
	if (json_is_string(rule) && is_type(json_string_value(rule), v))
		return true;
	json_array_foreach(rule, i, one)
		if (is_type(json_string_value(one), v))
			return true;
	text = json_dumps(rule, JSON_ENCODE_ANY);
	fails(c, at, "is not of type %s", text);
	free(text);
	return false;
}

static bool
check_required(const struct check *c, json_t *rule, json_t *schema, json_t *v, const struct place *at)
{
	size_t i;
	json_t *key;

	(void)schema;
	json_array_foreach(rule, i, key)
		if (json_is_object(v) && json_object_get(v, json_string_value(key)) == NULL)
			return fails(c, at, "has no \"%s\"", json_string_value(key));
	return true;
}

static bool
check_properties(const struct check *c, json_t *rule, json_t *schema, json_t *v, const struct place *at)
{
	const char *key;
	json_t *sub;

	(void)schema;
	json_object_foreach(rule, key, sub) {
		json_t *member = json_object_get(v, key);
		const struct place inside = { at, key, 0 };

		if (member != NULL && !holds(c, sub, member, &inside))
			return false;
	}
	return true;
}

static bool
check_additional(const struct check *c, json_t *rule, json_t *schema, json_t *v, const struct place *at)
{
	json_t *known = json_object_get(schema, "properties");
	const char *key;
	json_t *member;

	json_object_foreach(v, key, member) {
		const struct place inside = { at, key, 0 };

		if (json_object_get(known, key) != NULL)
			continue;
		if (json_is_false(rule))
			return fails(c, at, "has a member \"%s\" that is not known", key);
		if (json_is_object(rule) && !holds(c, rule, member, &inside))
			return false;
	}
	return true;
}

static bool
check_items(const struct check *c, json_t *rule, json_t *schema, json_t *v, const struct place *at)
{
	size_t i;
	json_t *one;

	(void)schema;
	json_array_foreach(v, i, one) {
		const struct place inside = { at, NULL, i };

		if (!holds(c, rule, one, &inside))
			return false;
	}
	return true;
}

static bool
check_min_items(const struct check *c, json_t *rule, json_t *schema, json_t *v, const struct place *at)
{
	(void)schema;
	if (json_is_array(v) && (json_int_t)json_array_size(v) < json_integer_value(rule))
		return fails(c, at, "has too few members");
	return true;
}

static bool
check_enum(const struct check *c, json_t *rule, json_t *schema, json_t *v, const struct place *at)
{
	size_t i;
	json_t *one;

	(void)schema;
	json_array_foreach(rule, i, one)
		if (json_equal(one, v))
			return true;
	return fails(c, at, "is none of the allowed values: %s", json_is_string(v) ? json_string_value(v) : "(no string)");
}

static bool
check_const(const struct check *c, json_t *rule, json_t *schema, json_t *v, const struct place *at)
{
	(void)schema;
	return json_equal(rule, v) || fails(c, at, "is not the one allowed value");
}

/* Is this alternative meant for values of another "type"?  Its complaints help nobody. */
static bool
is_for_others(const struct check *c, json_t *schema, json_t *v)
{
	const char *ref = json_string_value(json_object_get(schema, "$ref"));
	json_t *only;

	if (ref != NULL && strncmp(ref, "#/$defs/", 8) == 0)
		schema = json_object_get(json_object_get(c->root, "$defs"), ref + 8);
	only = json_object_get(json_object_get(json_object_get(schema, "properties"), "type"), "const");
	return only != NULL && !json_equal(only, json_object_get(v, "type"));
}

static bool
check_one_of(const struct check *c, json_t *rule, json_t *schema, json_t *v, const struct place *at)
{
	char why[512], best[512] = "matches no alternative";
	struct check quiet = { .root = c->root, .why = why, .why_size = sizeof why };
	size_t i, matches = 0;
	json_t *one;

	(void)schema;
	json_array_foreach(rule, i, one) {
		why[0] = '\0';
		if (holds(&quiet, one, v, at))
			matches++;
		else if (!is_for_others(c, one, v))
			snprintf(best, sizeof best, "%s", why);
	}
	if (matches == 1)
		return true;
	return matches > 1 ? fails(c, at, "matches more than one alternative") : fails(c, at, "%s", best);
}

static bool
check_ref(const struct check *c, json_t *rule, json_t *schema, json_t *v, const struct place *at)
{
	const char *ref = json_string_value(rule);
	json_t *target = NULL;

	(void)schema;
	if (ref != NULL && strncmp(ref, "#/$defs/", 8) == 0)
		target = json_object_get(json_object_get(c->root, "$defs"), ref + 8);
	if (target == NULL)
		return fails(c, at, "schema refers to nothing: %s", ref != NULL ? ref : "?");
	return holds(c, target, v, at);
}

static bool
check_minimum(const struct check *c, json_t *rule, json_t *schema, json_t *v, const struct place *at)
{
	(void)schema;
	return !json_is_number(v) || json_number_value(v) >= json_number_value(rule) || fails(c, at, "is too small");
}

static bool
check_maximum(const struct check *c, json_t *rule, json_t *schema, json_t *v, const struct place *at)
{
	(void)schema;
	return !json_is_number(v) || json_number_value(v) <= json_number_value(rule) || fails(c, at, "is too big");
}

static bool
check_min_length(const struct check *c, json_t *rule, json_t *schema, json_t *v, const struct place *at)
{
	(void)schema;
	return !json_is_string(v) || (json_int_t)json_string_length(v) >= json_integer_value(rule) || fails(c, at, "is too short");
}

static bool
check_pattern(const struct check *c, json_t *rule, json_t *schema, json_t *v, const struct place *at)
{
	regex_t re;
	bool ok;

	(void)schema;
	if (!json_is_string(v))
		return true;
	if (regcomp(&re, json_string_value(rule), REG_EXTENDED | REG_NOSUB) != 0)
		return fails(c, at, "schema has a bad pattern");
	ok = regexec(&re, json_string_value(v), 0, NULL, 0) == 0;
	regfree(&re);
	return ok || fails(c, at, "\"%s\" does not have the form %s", json_string_value(v), json_string_value(rule));
}

static bool
check_nothing(const struct check *c, json_t *rule, json_t *schema, json_t *v, const struct place *at)
{
	(void)c;
	(void)rule;
	(void)schema;
	(void)v;
	(void)at;
	return true;
}

static const struct {
	const char *keyword;
	bool (*fn)(const struct check *c, json_t *rule, json_t *schema, json_t *v, const struct place *at);
} rule_table[] = {
	{ "type", check_type }, { "required", check_required }, { "properties", check_properties },
	{ "additionalProperties", check_additional }, { "items", check_items }, { "minItems", check_min_items },
	{ "enum", check_enum }, { "const", check_const }, { "oneOf", check_one_of }, { "$ref", check_ref },
	{ "minimum", check_minimum }, { "maximum", check_maximum }, { "minLength", check_min_length }, { "pattern", check_pattern },
	{ "$schema", check_nothing }, { "$id", check_nothing }, { "$defs", check_nothing }, { "title", check_nothing },
	{ "description", check_nothing },
};

static bool
holds(const struct check *c, json_t *schema, json_t *value, const struct place *at)
{
	const char *keyword;
	json_t *rule;

	if (json_is_true(schema))
		return true;
	json_object_foreach(schema, keyword, rule) {
		size_t i = 0;

		while (i < sizeof rule_table / sizeof rule_table[0] && strcmp(rule_table[i].keyword, keyword) != 0)
			i++;
		if (i == sizeof rule_table / sizeof rule_table[0])
			return fails(c, at, "schema has the keyword \"%s\", which this check does not know", keyword);
		if (!rule_table[i].fn(c, rule, schema, value, at))
			return false;
	}
	return true;
}

static json_t *
schema_load(const char *name, char *why, size_t why_size)
{
	const char *source = getenv("srcdir");
	char here[4096], path[5120];
	json_error_t error;
	json_t *schema;

	snprintf(here, sizeof here, "%s", __FILE__);
	if (strstr(here, "tests/support/schema.c") != NULL)
		*strstr(here, "tests/support/schema.c") = '\0';
	snprintf(path, sizeof path, "%s/doc/schemas/%s.json", source != NULL ? source : ".", name);
	for (int i = 0; i < 4 && access(path, R_OK) != 0; i++)
		snprintf(path, sizeof path, "%sdoc/schemas/%s.json", i == 0 ? here : i == 1 ? "../" : i == 2 ? "../../" : "../../../", name);
	schema = json_load_file(path, 0, &error);
	if (schema == NULL)
		snprintf(why, why_size, "%s:%d: %s", path, error.line, error.text);
	return schema;
}

static bool
accepts(json_t *schema, const char *text, size_t len, char *why, size_t why_size)
{
	const struct check check = { .root = schema, .why = why, .why_size = why_size };
	const struct place top = { NULL, NULL, 0 };
	json_error_t error;
	json_t *value = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	bool ok;

	if (value == NULL) {
		snprintf(why, why_size, "no JSON: %s", error.text);
		return false;
	}
	ok = holds(&check, schema, value, &top);
	json_decref(value);
	return ok;
}

bool
schema_accepts(const char *name, const char *text, size_t len, char *why, size_t why_size)
{
	json_t *schema = schema_load(name, why, why_size);
	bool ok = schema != NULL && accepts(schema, text, len, why, why_size);

	json_decref(schema);
	return ok;
}

bool
schema_accepts_lines(const char *name, const char *path, char *why, size_t why_size)
{
	json_t *schema = schema_load(name, why, why_size);
	FILE *f = fopen(path, "re");
	char *line = NULL, inner[512];
	size_t room = 0;
	int number = 0;
	ssize_t n;
	bool ok = schema != NULL && f != NULL;

	if (schema != NULL && f == NULL)
		snprintf(why, why_size, "cannot open %s", path);
	while (ok && (n = getline(&line, &room, f)) > 0) {
		number++;
		ok = accepts(schema, line, (size_t)n, inner, sizeof inner);
		if (!ok)
			snprintf(why, why_size, "%s:%d%s", path, number, inner);
	}
	free(line);
	if (f != NULL)
		fclose(f);
	json_decref(schema);
	return ok;
}
