using System.Globalization;
using System.Text;
using System.Text.Json;
using OverlayImg.Images.Json;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests.Json;

/// <summary>Compares the JSON printer with Python's <c>json</c> module.</summary>
public sealed class PythonJsonTextTests
{
    [Fact]
    public async Task Unusual_values_and_ten_thousand_numbers_are_printed_as_by_Python()
    {
        var random = new Random(21);
        var text = new StringBuilder(
            """
            {"numbers":[0,-0,-0.0,1,1.0,1.50,-2.5,100,1e3,1e15,1e16,1e17,1E18,12345678901234567890,123456789012345678901234567890,
            0.1,1e-4,1e-5,0.000123,5e-324,1.7976931348623157e308,1e400,-1e400,123456.789,9007199254740993.0,12345678901234567.0],
            "strings":["","\u0000\u0001\u001f\u007f\u0080é\ud83d\ude00<>&'/\"\\\b\f\n\r\t\u2028\ufffe\uffff"],
            "empty":[{},[],null,true,false],"é/\"":{"a":{"b":[[1],[{}]]}},"random":[7
            """);
        for (var count = 0; count < 10_000; count++)
        {
            var number = count % 2 == 0 ? random.NextInt64(1 << 30) * Math.Pow(10, random.Next(-20, 20))
                : BitConverter.Int64BitsToDouble(random.NextInt64());
            if (double.IsFinite(number)) text.Append(',').Append(number.ToString("R", CultureInfo.InvariantCulture));
        }

        var bytes = Encoding.UTF8.GetBytes(text.Append("]}").ToString());
        using var input = new MemoryStream(bytes);
        var expected = (await Tool.RunAsync("python3", ["-c", "import json, sys; sys.stdout.write(json.dumps(json.load(sys.stdin), indent=4))"],
            input)).Succeeded();
        using var document = JsonDocument.Parse(bytes);
        Assert.Equal(expected.StandardOutput, Encoding.UTF8.GetString(PythonJsonText.Write(document.RootElement)));
    }
}
