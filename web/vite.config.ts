import { defineConfig } from 'vitest/config'

// While the page is worked on (`vite`), the service answers from a `lenet serve` in another terminal.
const service = process.env['LENET_SERVICE'] ?? 'http://127.0.0.1:8000'

// The built page is committed into the package, so that users need no node.
export default defineConfig({
  base: './',
  build: { outDir: '../src/lenet/page', emptyOutDir: true, target: 'es2022' },
  server: { proxy: { '/v1': service } },
  test: { include: ['tests/**/*.test.ts'] },
})
