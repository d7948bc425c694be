/*
 * t_camera_options.c - mmcamd's command line and its faults, as values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "camera/camopt.h"

static bool
parse(struct camopt *o, struct err *e, int count, const char **words)
{
	char *argv[16] = { (char *)(uintptr_t)"mmcamd" };

	assert_true(count < 15);
	for (int i = 0; i < count; i++)
		argv[i + 1] = (char *)(uintptr_t)words[i];
	memset(e, 0, sizeof *e);
	return camopt_parse(o, count + 1, argv, "host", e);
}

#define PARSE(o, e, ...) parse(o, e, (int)(sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *)), (const char *[]){ __VA_ARGS__ })

static void
defaults_are_those_of_the_manual(void **state)
{
	struct camera_conf c;
	struct camopt o;
	struct err e;

	(void)state;
	assert_true(parse(&o, &e, 0, NULL));
	assert_int_equal(camopt_count(&o), 1);
	camopt_node(&c, &o, 0, "/state");
	assert_string_equal(c.name, "mmcamd host");
	assert_int_equal(c.port, 8081);
	assert_string_equal(c.source, "pattern");
	assert_int_equal(c.width, 1280);
	assert_int_equal(c.height, 720);
	assert_true(c.advertise);
	assert_string_equal(c.folder, "/state/mmcamd/mmcamd-host");
	assert_string_equal(c.id, "");
	assert_string_equal(c.pin, "");
}

static void
fleet_has_names_ports_folders_and_faults_of_its_own(void **state)
{
	struct camera_conf c;
	struct camopt o;
	struct err e;

	(void)state;
	assert_true(PARSE(&o, &e, "--fleet", "3", "--name=Left", "--port", "9000", "--recordings", "/r", "--fault",
	    "late=2s,2:die-after=30s", "--fault=2:drop=0.5"));
	assert_int_equal(camopt_count(&o), 3);
	camopt_node(&c, &o, 1, "/state");
	assert_string_equal(c.name, "Left 2");
	assert_int_equal(c.port, 9001);
	assert_string_equal(c.folder, "/r/2");
	assert_int_equal(c.number, 2);
	assert_int_equal(c.fault.late_us, 2000000);
	assert_int_equal(c.fault.die_after_us, 30000000);
	assert_true(c.fault.drop > 0.49 && c.fault.drop < 0.51);
	camopt_node(&c, &o, 2, "/state");
	assert_int_equal(c.fault.late_us, 2000000);
	assert_int_equal(c.fault.die_after_us, 0);
	assert_true(PARSE(&o, &e, "--fleet", "2", "--port", "0"));
	camopt_node(&c, &o, 1, "/state");
	assert_int_equal(c.port, 0);
}

static void
fleet_of_one_is_numbered_too(void **state)
{
	struct camera_conf c;
	struct camopt o;
	struct err e;

	(void)state;
	assert_true(PARSE(&o, &e, "--fleet", "1", "--name", "A", "--recordings", "/r"));
	camopt_node(&c, &o, 0, "/state");
	assert_string_equal(c.name, "A 1");
	assert_string_equal(c.folder, "/r/1");
}

static void
names_are_made_printable(void **state)
{
	struct camopt o;
	struct err e;

	(void)state;
	assert_true(PARSE(&o, &e, "--name", "a\033[31mb"));
	assert_null(strchr(o.base.name, '\033'));
	assert_non_null(strstr(o.base.name, "[31mb"));
}

static void
wrong_words_are_told_in_one_sentence(void **state)
{
	static const struct { const char *words[3], *says; } cases[] = {
		{ { "--bogus" }, "--bogus" }, { { "word" }, "word" }, { { "--port" }, "needs a value" },
		{ { "--port", "65536" }, "0 to 65535" }, { { "--port", "-1" }, "0 to 65535" }, { { "--port", "1x" }, "0 to 65535" },
		{ { "--size", "1280" }, "WIDTHxHEIGHT" }, { { "--size", "x720" }, "WIDTHxHEIGHT" },
		{ { "--size", "99999x99999" }, "WIDTHxHEIGHT" }, { { "--fps", "61" }, "1 to 60" },
		{ { "--fps", "nan" }, "1 to 60" }, { { "--fleet", "0" }, "1 to 64" }, { { "--fleet", "65" }, "1 to 64" },
		{ { "--name", "" }, "not empty" }, { { "--id", "x" }, "UUID" }, { { "--pin", "123" }, "digits" },
		{ { "--source", "mjpeg:ftp://x" }, "mjpeg:http" }, { { "--source", "" }, "expected pattern" },
		{ { "--source", "v4l2:video0" }, "v4l2:/dev/video0" }, { { "--source=v4l2:/dev/video0", "--fleet=2" }, "cannot share" },
		{ { "--events", "" }, "expected generate" }, { { "--events", "file:" }, "expected generate" },
		{ { "--help=yes" }, "takes no value" },
		{ { "--fault", "" }, "known are late" }, { { "--fault", "late" }, "expected late=VALUE" }, { { "--fault", "late=-2s" }, "a time" }, { { "--fault", "late=2" }, "a time" },
		{ { "--fault", "drop=2" }, "a share" }, { { "--fault", "disk=0" }, "a size" },
		{ { "--fault", "disk=99999999999G" }, "a size" }, { { "--fault", "drift=40" }, "a drift" },
		{ { "--fault", "2:late=1s" }, "nodes 1 to 1" }, { { "--fault", "refuse=all,clock=soon" }, "a shift" },
	};
	struct camopt o;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (parse(&o, &e, cases[i].words[1] != NULL ? 2 : 1, (const char **)(uintptr_t)cases[i].words))
			fail_msg("accepted: %s %s", cases[i].words[0], cases[i].words[1] != NULL ? cases[i].words[1] : "");
		if (e.kind != ERR_USAGE || strstr(e.text, cases[i].says) == NULL)
			fail_msg("%s %s says \"%s\"", cases[i].words[0], cases[i].words[1] != NULL ? cases[i].words[1] : "", e.text);
	}
}

static void
ports_of_a_fleet_must_fit(void **state)
{
	struct camopt o;
	struct err e;

	(void)state;
	assert_true(PARSE(&o, &e, "--fleet", "2", "--port", "65534"));
	assert_false(PARSE(&o, &e, "--fleet", "2", "--port", "65535"));
	assert_non_null(strstr(e.text, "65535"));
}

static void
each_fault_is_read(void **state)
{
	struct fault f = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_true(fault_parse(&f, 1, "late=2s,refuse=record,refuse=tally,drop=0.1,freeze-after=20s,die-after=30s,heat-stop-after=15s,"
	    "disk=64M,silent-after=20s,clock=+350ms,drift=40ppm,bitrate=200k", &e));
	assert_int_equal(f.late_us, 2000000);
	assert_int_equal(f.freeze_after_us, 20000000);
	assert_int_equal(f.heat_stop_after_us, 15000000);
	assert_int_equal(f.silent_after_us, 20000000);
	assert_int_equal(f.disk_bytes, 64 * 1024 * 1024);
	assert_int_equal(f.clock_us, 350000);
	assert_int_equal(f.bitrate_bps, 200000);
	assert_true(f.drift_ppm > 39.9 && f.drift_ppm < 40.1);
	assert_true(fault_parse(&f, 1, "clock=-2s,drift=-12.5ppm", &e));
	assert_int_equal(f.clock_us, -2000000);
	assert_true(f.drift_ppm < -12.4);
	assert_true(fault_refuses(&f, "/record/start"));
	assert_true(fault_refuses(&f, "/record/stop"));
	assert_true(fault_refuses(&f, "/tally"));
	assert_false(fault_refuses(&f, "/camera/zoom"));
	assert_true(fault_parse(&f, 1, "refuse=all", &e));
	assert_true(fault_refuses(&f, "/camera/zoom"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_manual), cmocka_unit_test(fleet_has_names_ports_folders_and_faults_of_its_own),
		cmocka_unit_test(fleet_of_one_is_numbered_too), cmocka_unit_test(names_are_made_printable),
		cmocka_unit_test(wrong_words_are_told_in_one_sentence), cmocka_unit_test(ports_of_a_fleet_must_fit),
		cmocka_unit_test(each_fault_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
