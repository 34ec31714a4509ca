<#
  & $vox corpus extract examples
#>
$source = "examples/archive"
$good = "examples/golden"
& $vox corpus extract $source -o x.jsonl
& $vox corpus extract $good -o x.jsonl
