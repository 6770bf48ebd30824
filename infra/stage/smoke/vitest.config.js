import { defineConfig } from 'vitest/config'

// The report goes where the rehearsal asks for it. `--runInBand` is an option of Jest and is
// refused here; one worker does the same, and keeps the load of a smoke test a smoke test's.
export default defineConfig({
  test: {
    include: ['tests/**/*.test.js'],
    reporters: ['default', 'junit'],
    outputFile: { junit: process.env.GOLIVE_JUNIT ?? 'smoke-junit.xml' },
    fileParallelism: false,
    testTimeout: 15_000,
    hookTimeout: 15_000,
  },
})
