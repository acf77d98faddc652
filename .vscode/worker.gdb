# Follows the host into its first worker, wherever breakpoints of handlers are hit:
#   gdb -x .vscode/worker.gdb -ex 'break handler.c:LINE' -ex run --args build/debug/actionhost serve
# The settings check and the front are forked before it; master and front run on by themselves, also when gdb ends.
set breakpoint pending on
set follow-fork-mode parent
set detach-on-fork on
python
class Worker(gdb.Breakpoint):
    def stop(self):
        gdb.execute('set follow-fork-mode child')
        return False


Worker('worker_fork', internal=True)
end
