using System.Text;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Jobs;

/// <summary>What a failed bash script tells about its last command. bash itself writes the records.</summary>
public sealed class FailedCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("echo a\n\nls /nope\necho b\n", 3, "ls /nope", 2)]
    [InlineData("true\n(exit 42)\necho b\n", 2, "( exit 42 )", 42)]
    [InlineData("if true; then\n  for i in 1 2; do\n    echo $i | grep -q 2\n  done\nfi\n", 3, "grep -q 2", 1)]
    [InlineData("# a\nx=$(false)\n", 2, "x=$(false)", 1)]
    [InlineData("no-such-program 'a  b'\n", 1, "no-such-program 'a  b'", 127)]
    [InlineData("[[ a == b ]]", 1, "[[ a == b ]]", 1)]
    [InlineData("trap 'echo mine' EXIT\nfalse", 2, "false", 1)]
    [InlineData("set -euxo pipefail\nfalse | true\n", 2, "true", 1)]
    [InlineData("IFS=:; set -u\ncat <<E\nx\nE\nfalse", 5, "false", 1)]
    public async Task The_line_and_the_command_that_set_e_stopped_at_are_known(string script, int line, string command, int status) =>
        Assert.Equal(new(command, status) { Line = line }, await ParseAsync(script));

    [Fact]
    public async Task Without_set_e_the_command_is_known_if_it_was_the_last_one()
    {
        Assert.Equal(new("ls /nope", 2) { Line = 3 }, await ParseAsync("false\ntrue\nls /nope\n", ""));
        Assert.Null(await ParseAsync("ls /nope\n[ -e /nope ] && true", ""));
    }

    [Fact]
    public async Task A_command_in_a_function_is_known_with_the_line_of_the_call()
    {
        const string Script = "f() {\n  true\n  ls /nope\n}\ng() { f; }\ntrue\ng\necho b\n";
        Assert.Equal(new("ls /nope", 2) { Line = 7, Function = "f" }, await ParseAsync(Script));
        Assert.Equal(new("ls /nope", 2) { Line = 3 }, await ParseAsync("set -E\n" + Script[..^1].Replace("  true\n", "", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("true\nif true; then\n  exit 3\nfi\n", 3, 3)]
    [InlineData("false || exit 1", 1, 1)]
    [InlineData("f() {\n  exit 4\n}\n\nf\n", 4, 5)]
    [InlineData("# exit 3 is the end\nexit 3", 3, 2)]
    [InlineData("if true; then exit 3; fi\nexit 3", 3, null)]
    [InlineData("c=3\ntrue; exit $c # exit", 3, null)]
    public async Task Exit_is_known_with_its_line_if_no_other_place_has_it(string script, int status, int? line)
    {
        var found = await ParseAsync(script);
        Assert.True(found is { IsExit: true });
        Assert.Equal((status, line), (found!.Status, found.Line));
    }

    [Fact]
    public async Task A_line_of_a_sourced_file_is_told_with_that_file()
    {
        await File.WriteAllTextAsync(_directory["lib.sh"], "true\n\nfalse\n", TestContext.Current.CancellationToken);
        Assert.Equal(new("false", 1) { Line = 3, SourcedFile = _directory["lib.sh"] }, await ParseAsync($". {_directory["lib.sh"]}\n"));
    }

    [Theory]
    [InlineData("true\necho \"unterminated\n")]
    [InlineData("exec false")]
    [InlineData("kill -9 $$")]
    [InlineData("trap 'true' ERR EXIT\nfalse")]
    public async Task Nothing_is_told_that_the_record_does_not_prove(string script) => Assert.Null(await ParseAsync(script));

    [Theory]
    [InlineData("")]
    [InlineData("E|1|e|1|s|f")]
    [InlineData("E|x|e|1|s|f|c|")]
    [InlineData("Q|1|e|1|s|f|c|")]
    [InlineData("E|99999999999|e|1|s|f|c|")]
    [InlineData("X|1|h|1|s|f|c|")]
    public void Any_other_record_is_ignored(string record) =>
        Assert.Null(FailedCommand.Parse(Encoding.Latin1.GetBytes(record.Replace('|', '\0')), 1, "c"u8));

    [Fact]
    public void A_line_that_the_script_does_not_have_and_control_characters_are_not_shown()
    {
        var record = "E|1|e|7|/.overlayimg/scripts/run-as-root||\x1b[31mred\nnext|".Replace('|', '\0');
        Assert.Equal(new("\\033[31mred ...", 1), FailedCommand.Parse(Encoding.Latin1.GetBytes(record), 1, "one line"u8));
    }

    [Theory]
    [InlineData("echo $0 $LINENO $- $# ${BASH_SOURCE[0]} ${#FUNCNAME[@]}; set -o; shopt; env | sort | grep -v ^_=; declare -F; compgen -v | sort")]
    [InlineData("set -x\ntrue a\nfalse")]
    [InlineData("mkdir /tmp; echo $_; true foo; echo $_; echo ${PIPESTATUS[@]} $?", "")]
    [InlineData("trap 'echo exit $? $LINENO $BASH_COMMAND' EXIT; trap 'echo err $? $LINENO' ERR\ntrue\nfalse")]
    [InlineData("f() { return 3; }\nf || echo $?\ng() { false; }\n(g) && echo no\ng\n")]
    [InlineData("(exit 3) || echo sub $?; x=$(trap 'echo t' EXIT; echo v); echo $x; (trap 'echo inner' EXIT; false)")]
    [InlineData("kill -TERM $$")]
    [InlineData("kill -HUP $$")]
    [InlineData("bash -c 'false; echo child $? $BASH_ENV'; sh -c 'echo $BASH_ENV'; exec sh -c 'exit 9'")]
    [InlineData("set -u; echo $nope")]
    [InlineData("echo \"unterminated")]
    [InlineData("exit 300")]
    // No pipeline counts the descriptors, because bash would still have an end of the pipe open at times.
    [InlineData("sleep 0 & wait $!; coproc cat; exec 3>&1; echo x >&3; open=(/proc/$$/fd/*); echo ${#open[@]}")]
    public async Task The_traps_change_nothing_that_a_script_does(string script, string options = "-e")
    {
        var traps = new FailureTraps(_directory);
        var (plain, trapped) = (await traps.RunAsync(script, options, traps: false), await traps.RunAsync(script, options));
        Assert.Equal((plain.Status, plain.Output, plain.Errors), (trapped.Status, trapped.Output, trapped.Errors));
    }

    private async Task<FailedCommand?> ParseAsync(string script, string options = "-e")
    {
        var run = await new FailureTraps(_directory).RunAsync(script, options);
        Assert.NotEqual(0, run.Status);
        return FailedCommand.Parse(run.Record, run.Status, Encoding.UTF8.GetBytes(script));
    }
}
