/*
 * terminal.js - xterm.js in a headless Chromium around a command; driven by lines on standard input, each answered by one
 * line ("ok ..." or "error ...") on standard output.  Knows no test.
 *
 *   node terminal.js MODULES BRIDGE COMMAND...    MODULES: the folder with node_modules; BRIDGE: the pty_bridge program
 *   size WIDTH_PX HEIGHT_PX | type TEXT (escaped as in JSON) | shot FILE.ppm | text FILE | quit
 * text answers "ok X Y CELL_W CELL_H ROWS COLS": where the cells are in the screenshot.
 */
'use strict';
const [modules, bridge, ...command] = process.argv.slice(2);
const fs = require('fs'), http = require('http'), path = require('path'), zlib = require('zlib');
const { spawn } = require('child_process');
const { chromium } = require(path.join(modules, 'node_modules', 'playwright-core'));
const types = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript' };

/* The page and the modules; nothing else, and to this machine only. */
function serve() {
	const server = http.createServer((request, response) => {
		const name = request.url === '/' ? path.join(__dirname, 'term.html') :
			path.join(modules, path.normalize(decodeURIComponent(request.url)));

		fs.readFile(name, (e, bytes) => {
			response.writeHead(e ? 404 : 200, { 'content-type': types[path.extname(name)] || 'text/plain' });
			response.end(bytes);
		});
	});
	return new Promise(done => server.listen(0, '127.0.0.1', () => done(server)));
}

async function openPage(server, fromTerminal) {
	const browser = await chromium.launch({
		executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
		args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
			'--disable-component-update', '--disable-sync'],
	});
	const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });

	page.on('pageerror', e => process.stderr.write(`page: ${e.message}\n`));
	await page.exposeFunction('fromTerminal', fromTerminal);
	await page.goto(`http://127.0.0.1:${server.address().port}/`);
	await page.waitForFunction('window.ready');
	page.devtools = await page.context().newCDPSession(page);
	return [browser, page];
}

/* Bytes reach the page in order; the program waits while the terminal is busy, as behind a real line. */
function connect(pty, page) {
	pty.stdout.on('data', async bytes => {
		pty.stdout.pause();
		try {
			await page.evaluate(text => toTerminal(text), bytes.toString('base64'));
		} catch (e) {
			process.stderr.write(`terminal: ${e.message}\n`);
		}
		pty.stdout.resume();
	});
}

/* What a PNG's filter adds to the byte at i: left, above and above left are bpp and stride bytes back. */
function filtered(type, line, i, bpp, above) {
	const a = i >= bpp ? line[i - bpp] : 0, b = above[i], c = i >= bpp ? above[i - bpp] : 0;

	if (type === 4) {
		const p = a + b - c, far = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];

		return far[0] <= far[1] && far[0] <= far[2] ? a : far[1] <= far[2] ? b : c;
	}
	return [0, a, b, (a + b) >> 1][type];
}

/* Chromium's own PNGs: 8 bits, RGB or RGBA, not interlaced.  In here it takes a tenth of what starting a converter takes. */
function toPpm(png) {
	const w = png.readUInt32BE(16), h = png.readUInt32BE(20), bpp = png[25] === 6 ? 4 : 3, stride = w * bpp, pieces = [];

	if (png[24] !== 8 || (png[25] !== 2 && png[25] !== 6) || png[28] !== 0)
		throw new Error('a PNG of another kind');
	for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12)
		if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
			pieces.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
	const raw = zlib.inflateSync(Buffer.concat(pieces)), header = Buffer.from(`P6\n${w} ${h}\n255\n`);
	const ppm = Buffer.alloc(header.length + w * h * 3);
	let above = new Uint8Array(stride), to = header.copy(ppm);

	for (let y = 0; y < h; y++) {
		const type = raw[y * (stride + 1)], line = raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1));

		for (let i = 0; type !== 0 && i < stride; i++)
			line[i] += filtered(type, line, i, bpp, above);
		for (let i = 0; i < stride; i += bpp, to += 3) {
			ppm[to] = line[i];
			ppm[to + 1] = line[i + 1];
			ppm[to + 2] = line[i + 2];
		}
		above = line;
	}
	return ppm;
}

async function carryOut(page, pty, line) {
	const [verb, ...words] = line.split(' ');

	if (verb === 'size') {
		const [, , cellW, cellH] = await page.evaluate('grid()');
		const rows = Math.max(1, Math.floor(words[1] / cellH)), cols = Math.max(2, Math.floor(words[0] / cellW));

		await page.evaluate(([r, c]) => resize(r, c), [rows, cols]);
		pty.stdio[3].write(`${rows} ${cols}\n`);
		return `ok ${rows} ${cols}`;
	}
	if (verb === 'type') {
		pty.stdin.write(JSON.parse(`"${line.slice(5)}"`));
		return 'ok';
	}
	if (verb === 'shot') {
		const { data } = await page.devtools.send('Page.captureScreenshot', { format: 'png', optimizeForSpeed: true });

		fs.writeFileSync(words[0], toPpm(Buffer.from(data, 'base64')));
		return 'ok';
	}
	if (verb === 'text') {
		fs.writeFileSync(words[0], await page.evaluate('rows()'));
		return `ok ${(await page.evaluate('grid()')).join(' ')}`;
	}
	return `error ${verb}`;
}

(async () => {
	const server = await serve();
	let pty;
	const [browser, page] = await openPage(server, text => pty && pty.stdin.write(text));

	pty = spawn(bridge, ['43', '132', ...command], { stdio: ['pipe', 'pipe', 'inherit', 'pipe'] });
	connect(pty, page);
	console.log('ok');
	for await (const line of require('readline').createInterface({ input: process.stdin })) {
		if (line === 'quit')
			break;
		console.log(await carryOut(page, pty, line).catch(e => `error ${e.message.split('\n')[0]}`));
	}
	pty.stdin.end();
	await browser.close();
	server.close();
	process.exit(0);
})().catch(e => {
	console.log(`error ${e.message.split('\n')[0]}`);
	process.exit(1);
});
